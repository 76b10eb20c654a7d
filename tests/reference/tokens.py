"""A copy of a language model told plainly: requests as objects, one step at a time, lists searched from end to end.

Rules: `simulator/kernels/tokens.py` says them in words; nothing of its bookkeeping is used here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

BLOCK = 16


@dataclass
class Request:
    number: int
    prompt: int
    output: int
    cached: int
    sent_s: float
    ready_s: float = math.inf
    first_s: float = math.nan
    last_s: float = math.nan
    computed: int = 0
    to_compute: int = 0
    made: int = 0
    own_blocks: int = 0
    token_s: list[float] = field(default_factory=list)
    refused: bool = False

    @property
    def decodes(self) -> bool:
        return self.computed >= self.to_compute

    def blocks_for(self, tokens: int) -> int:
        return math.ceil(tokens / BLOCK) - self.cached // BLOCK


class Copy:
    def __init__(self, requests, settings, tokens_s):
        self.all, self.settings, self.tokens_s = requests, settings, tokens_s
        self.to_send = list(requests)
        self.coming: list[Request] = []
        self.waiting: list[Request] = []
        self.running: list[Request] = []
        self.free, self.now_s, self.front_end_s, self.preemptions = settings.blocks, 0.0, -math.inf, 0

    def send(self, at_s):
        request = self.to_send.pop(0)
        work_s = self.settings.front_end_s + self.settings.front_end_token_s * request.prompt
        self.front_end_s = max(self.front_end_s, at_s) + work_s
        request.sent_s, request.ready_s = at_s, self.front_end_s
        if request.blocks_for(request.prompt + request.output) <= self.settings.blocks:
            self.coming.append(request)
            return
        request.refused, request.first_s, request.last_s = True, request.ready_s, request.ready_s
        if self.settings.clients and self.to_send:
            self.send(request.ready_s)

    def end(self, request):
        request.last_s = self.now_s
        self.free += request.own_blocks
        request.own_blocks = 0
        if self.settings.clients and self.to_send:
            self.send(self.now_s)

    def arrive(self):
        while self.coming and self.coming[0].ready_s <= self.now_s:
            self.waiting.append(self.coming.pop(0))

    def take(self, request, tokens):
        """Compute tokens of a prompt; returns pairs."""
        pairs = tokens * (request.computed + tokens / 2)
        request.computed += tokens
        now = request.blocks_for(request.computed)
        self.free -= now - request.own_blocks
        request.own_blocks = now
        return pairs

    def prefill(self, decodes, need):
        budget, tokens, pairs, taken = self.settings.token_budget - len(decodes), 0, 0.0, []
        for request in [one for one in self.running if not one.decodes]:
            chunk = max(0, min(request.to_compute - request.computed, budget))
            while chunk > 0 and request.blocks_for(request.computed + chunk) - request.own_blocks > self.free - need:
                chunk -= 1
            if chunk > 0:
                pairs += self.take(request, chunk)
                tokens, budget = tokens + chunk, budget - chunk
                taken.append(request)
        while self.waiting and budget > 0 and all(one.decodes for one in self.running):
            request = self.waiting[0]
            request.computed, request.to_compute = request.cached, request.prompt + request.made
            chunk = min(request.to_compute - request.computed, budget)
            too_many = len(self.running) >= self.settings.max_sequences
            if too_many or request.blocks_for(request.computed + chunk) > self.free - need:
                break
            self.running.append(self.waiting.pop(0))
            pairs += self.take(request, chunk)
            tokens, budget = tokens + chunk, budget - chunk
            taken.append(request)
        return tokens, pairs, [request for request in taken if request.decodes]

    def step(self):
        decodes = [request for request in self.running if request.decodes]
        need = sum(request.computed % BLOCK == 0 for request in decodes)
        preempted = False
        while need > self.free:
            last = self.running.pop()
            self.free += last.own_blocks
            last.own_blocks, preempted, self.preemptions = 0, True, self.preemptions + 1
            self.waiting.insert(0, last)
            decodes = [request for request in decodes if request is not last]
            need = sum(request.computed % BLOCK == 0 for request in decodes)
        tokens, pairs, entering = (0, 0.0, []) if preempted else self.prefill(decodes, need)
        context = sum(request.computed for request in decodes)
        p = self.settings
        self.now_s += self.tokens_s[tokens + len(decodes)] + p.sequence_s * len(decodes)
        self.now_s += p.context_token_s * context + p.pair_s * pairs
        for request in decodes:
            if request.computed % BLOCK == 0:
                self.free -= 1
                request.own_blocks += 1
            request.computed += 1
        for request in entering:
            request.to_compute = request.computed
            if math.isnan(request.first_s):
                request.first_s = self.now_s
        for request in decodes + entering:
            request.made += 1
            request.token_s.append(self.now_s)
        # Prompts that end with their first token leave first, in order of admission, then decodes by number.
        over = [request for request in self.running if request.made >= request.output]
        for request in [r for r in entering if r in over] + sorted(
            (r for r in over if r not in entering), key=lambda r: r.number
        ):
            self.running.remove(request)
            self.end(request)

    def run(self):
        sent = min(self.settings.clients, len(self.all)) if self.settings.clients else len(self.all)
        for _ in range(sent):
            if self.to_send:
                self.send(self.to_send[0].sent_s)
        while True:
            self.arrive()
            if self.running or self.waiting:
                self.step()
            elif self.coming:
                self.now_s = max(self.now_s, self.coming[0].ready_s)
            else:
                return self
