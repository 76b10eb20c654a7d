"""What the user has: traffic, payloads, service demand, model and container. Inert values."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from pydantic import field_validator

from simulator.fields import Spec, choice, quantity
from simulator.traffic.kinds import Constant, Name, Traffic


class MeasuredTime(Spec):
    """Mean service time that was measured on one instance type, with so many requests in work there."""

    instance_type: Name = choice("ml.m5.xlarge", "Instance type", "The type it was measured on.")
    mean_ms: float = quantity(50.0, "Mean", "Mean service time there.", unit="ms", gt=0, le=3.6e6)
    concurrency: int = quantity(1, "Requests at once", "Requests that the instance worked on meanwhile.", ge=1, le=512)


class ServiceTime(Spec):
    """Time one worker of the reference instance needs for one request or record, without waiting."""

    distribution: Literal["lognormal", "gamma", "exponential", "deterministic"] = choice(
        "lognormal", "Distribution", "Shape of the service time; the mean and the variation below are kept exactly."
    )
    mean_ms: float = quantity(50.0, "Mean", "Mean service time on the reference instance.", unit="ms", gt=0, le=3.6e6)
    cv: float = quantity(
        0.5,
        "Variation",
        "Standard deviation over mean; not used by exponential (1) and deterministic (0).",
        ge=0.01,
        le=5,
    )
    measured: tuple[MeasuredTime, ...] = choice(
        (),
        "Measured by instance type",
        "Mean service times measured on other instance types, used there instead of scaling from the reference. "
        "Several lines for one type are its slowdown under concurrency.",
        max_length=200,
    )

    @field_validator("measured")
    @classmethod
    def _once(cls, rows: tuple[MeasuredTime, ...]) -> tuple[MeasuredTime, ...]:
        if len({(row.instance_type, row.concurrency) for row in rows}) < len(rows):
            raise ValueError("needs one line for each instance type and number of requests at once")
        return rows


class Client(Spec):
    """How callers behave when they are refused: botocore's retry modes (facts rows 8.1 to 8.6)."""

    retry_mode: Literal["none", "legacy", "standard", "adaptive"] = choice(
        "legacy",
        "Retry mode",
        "botocore's retry mode; legacy is what boto3 does when nothing is configured, adaptive also limits its rate.",
        row="8.1",
    )
    max_attempts: int = quantity(
        0,
        "Attempts",
        "Attempts in total; 0 takes the mode's own: 5 for legacy, 3 for standard.",
        ge=0,
        le=10,
        row="8.1",
    )
    processes: int = quantity(
        10,
        "Client processes",
        "Processes that call the endpoint. In standard mode each has a retry quota of 500, which limits retry storms.",
        ge=1,
        le=100_000,
        row="8.3",
    )
    read_timeout_s: float = quantity(
        0.0,
        "Read timeout",
        "How long a client waits for an answer before it tries again, while the container works on; botocore's own is "
        "60. 0: it waits as long as the endpoint. Real-time and serverless.",
        unit="s",
        ge=0,
        le=3600,
        row="8.8",
    )
    network_ms: float = quantity(
        0.0,
        "Network time",
        "Time on the way from the client to the endpoint and back, the same for all; for each attempt, or once where "
        "there is a gateway, which the attempts are made behind.",
        unit="ms",
        ge=0,
        le=60_000,
    )
    network_varying_ms: float = quantity(
        0.0,
        "Varying network time",
        "Mean of the log-normal time that comes on top of it, drawn for each request.",
        unit="ms",
        ge=0,
        le=60_000,
    )
    network_cv: float = quantity(
        0.5, "Variation of it", "Standard deviation over mean of the varying network time.", ge=0, le=5
    )
    gateway_timeout_s: float = quantity(
        0.0,
        "Gateway timeout",
        "A gateway in front ends the client's wait with 504 after this time, while the work goes on and is billed; 29 "
        "is API Gateway's default. 0: none. Where the client waits on the connection: real-time and serverless.",
        unit="s",
        ge=0,
        le=3600,
        row="8.13",
    )


class Slowdown(Spec):
    """One line of a table: service time of a container that works on several requests at once."""

    concurrency: int = quantity(1, "Requests at once", "Requests that one instance works on.", ge=1, le=512)
    factor: float = quantity(1.0, "Factor", "Service time over that of a request alone.", gt=0, le=1000)


class Batching(Spec):
    """Batches made by the model server: what waits together is worked on together."""

    max_batch_size: int = quantity(8, "batch_size", "Most requests in a batch.", ge=1, le=1024, row="2.56")
    max_batch_delay_ms: float = quantity(
        100.0,
        "max_batch_delay",
        "A free worker waits this long, from the arrival of the oldest, for a batch to fill.",
        unit="ms",
        ge=0,
        le=60_000,
        row="2.56",
    )
    fixed_share: float = quantity(
        0.5,
        "Fixed share",
        "Part of the service time of one request that a batch needs once; the rest is needed for each request.",
        ge=0,
        le=1,
    )


class Population(Spec):
    """Users who each send one request at a time: send, wait for the answer or the failure, think, send again."""

    users: int = quantity(100, "Users", "How many there are.", ge=1, le=1_000_000)
    think_time_s: float = quantity(
        10.0, "Think time", "Mean time from an answer to the next request; exponential.", unit="s", ge=0.001, le=86_400
    )


class Workload(Spec):
    """Everything about the work that does not depend on the pattern it runs on."""

    name: Name = choice("My workload", "Name", "A name for the workload.")
    traffic: Traffic = choice(Constant(), "Traffic", "What arrives when.")
    client: Client = choice(Client(), "Client", "How callers behave when they are refused.")
    request_mb: float = quantity(
        0.01,
        "Payload in",
        "Mean size of a request or record as it is sent: base64 adds a third.",
        unit="MB",
        ge=0,
        le=10_000,
    )
    max_request_mb: float = quantity(
        0.0, "Largest payload in", "Largest request; 0 means all are as large as the mean.", unit="MB", ge=0, le=10_000
    )
    response_mb: float = quantity(0.001, "Payload out", "Mean size of an answer.", unit="MB", ge=0, le=10_000)
    streamed: bool = choice(
        False,
        "Streamed answers",
        "The client reads an answer while it is made (InvokeEndpointWithResponseStream): a real-time endpoint then "
        "has 8 min, the others answer whole.",
        row="1.38",
    )
    internet_egress_share: float = quantity(
        0.0, "Answers to the internet", "Share of answers that leave AWS over the internet.", ge=0, le=1
    )
    service_time: ServiceTime = choice(ServiceTime(), "Service time", "Work per request on the reference instance.")
    reference_instance_type: Name = choice(
        "ml.m5.xlarge", "Reference instance", "The instance type on which the service time holds."
    )
    parallel_fraction: float = quantity(
        0.0,
        "Parallel fraction",
        "Part of the work that runs faster with more vCPU per worker, as in Amdahl's law. Where a GPU is needed, the "
        "GPU fraction stands for it.",
        ge=0,
        le=1,
    )
    gpu_fraction: float = quantity(
        1.0,
        "GPU fraction",
        "Part of the work that is done on the GPU, where one is needed, and so is faster on a faster one. The rest "
        "takes the same time on every type.",
        ge=0,
        le=1,
    )
    container_workers: int = quantity(
        0,
        "Workers in the container",
        "Requests one instance works on at once; 0 means one per vCPU, or one per GPU when a GPU is needed.",
        ge=0,
        le=512,
        row="2.53",
    )
    container_max_request_mb: float = quantity(
        0.0,
        "Largest request of the container",
        "What the container itself accepts as one request; 0 for whatever AWS lets through. TorchServe and Multi Model "
        "Server: 6.5 unless TS_MAX_REQUEST_SIZE or MMS_MAX_REQUEST_SIZE is set.",
        unit="MB",
        ge=0,
        le=10_000,
        row="2.64",
    )
    container_max_response_mb: float = quantity(
        0.0,
        "Largest answer of the container",
        "The same of one answer; TorchServe and Multi Model Server: 6.5 unless TS_MAX_RESPONSE_SIZE or "
        "MMS_MAX_RESPONSE_SIZE is set.",
        unit="MB",
        ge=0,
        le=10_000,
        row="2.64",
    )
    container_timeout_s: float = quantity(
        0.0,
        "Time-out of the container",
        "The container's own server ends a call that a worker has worked on for so long; 0 for none. 60 in SageMaker's "
        "inference toolkit, 120 in TorchServe.",
        unit="s",
        ge=0,
        le=3600,
        row="2.55",
    )
    slowdown: tuple[Slowdown, ...] = choice(
        (),
        "Slowdown under concurrency",
        "Service time by the number of requests (in batch: calls) an instance works on, linear in between.",
        max_length=20,
    )
    batching: Batching | None = choice(
        None,
        "Server-side batching",
        "The model server works on what waits in an instance together; all but serverless.",
        row="2.56",
    )
    population: Population | None = choice(
        None, "Users", "A closed population beside the traffic above; rules all but real-time endpoints out."
    )
    memory_mb: float = quantity(
        512.0,
        "Memory per worker",
        "Memory one worker needs, model included; held against the memory of its GPU too, where one is needed and "
        "accelerator memory is not given.",
        unit="MB",
        gt=0,
        le=2e6,
    )
    gpu_memory_mb: float = quantity(
        0.0,
        "Accelerator memory",
        "Memory that one copy of the model needs on its GPUs, with the working memory of the requests it has at once; "
        "0: the larger of memory per worker and model size, where a GPU is needed.",
        unit="MB",
        ge=0,
        le=5e6,
        row="6.45",
    )
    tensor_parallel_degree: int = quantity(
        0,
        "Accelerators per copy",
        "Accelerators that one copy of the model is spread over, as in vLLM and LMI; 0: one, or all of the instance "
        "where the container has more workers than it has accelerators, so that they share one copy.",
        ge=0,
        le=64,
        row="6.11",
    )
    model_mb: float = quantity(50.0, "Model size", "Size of the model artefact in S3.", unit="MB", ge=0, le=1e6)
    image_mb: float = quantity(
        500.0,
        "Image size",
        "Compressed size of the container image, as ECR shows it.",
        unit="MB",
        gt=0,
        le=1e5,
    )
    image_unpacked_mb: float = quantity(
        0.0,
        "Image size, unpacked",
        "Size of the image with all its layers unpacked, as `docker images` shows it; serverless endpoints limit it. "
        "0 takes the compressed size times an assumption.",
        unit="MB",
        ge=0,
        le=3e5,
        row="3.12",
    )
    installed_mb: float = quantity(
        0.0,
        "Installed at the start",
        "What the container writes to its disk before it answers, such as packages of a requirements.txt.",
        unit="MB",
        ge=0,
        le=1e6,
        row="1.12",
    )
    model_load_s: float = quantity(
        3.0,
        "Load time",
        "Time to start the framework and load the model on one vCPU, after download.",
        unit="s",
        ge=0,
        le=3600,
    )

    @field_validator("slowdown")
    @classmethod
    def _rises(cls, table: tuple[Slowdown, ...]) -> tuple[Slowdown, ...]:
        if any(later.concurrency <= earlier.concurrency for earlier, later in pairwise(table)):
            raise ValueError("needs concurrency to rise from line to line")
        return table

    @property
    def largest_request_mb(self) -> float:
        """Size of the largest request, MB."""
        return max(self.request_mb, self.max_request_mb)
