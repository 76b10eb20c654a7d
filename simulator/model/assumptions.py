"""What AWS does not publish, as numbers a user can see and change. Each default cites the fact row it comes from.

Facts rows are listed in docs/facts.md with their sources.
"""

from __future__ import annotations

from typing import Literal

from simulator.fields import Spec, choice, quantity


class Assumptions(Spec):
    """Adjustable assumptions; a value that differs from its default is shown as overridden."""

    overhead_ms: float = quantity(
        10.0,
        "Overhead per call",
        "Time SageMaker and the network add to every answered call.",
        unit="ms",
        ge=0,
        le=5000,
        row="2.63",
    )
    realtime_max_payload_mb: float = quantity(
        25.0,
        "Real-time payload limit",
        "Sources disagree: 25 MB in the guide, 6 MB in the API model.",
        unit="MB",
        gt=0,
        le=100,
        row="1.1",
    )
    serverless_max_payload_mb: float = quantity(
        4.0, "Serverless payload limit", "4 MB in the guide, 6 MB in the 2023 FAQ.", unit="MB", gt=0, le=100, row="1.1"
    )
    realtime_max_s: float = quantity(
        60.0,
        "Real-time time limit",
        "Most time for a call of InvokeEndpoint whose answer is not streamed: 60 s unless AWS has raised it for the "
        "account.",
        unit="s",
        gt=0,
        le=3600,
        row="1.3",
    )
    image_unpacked_factor: float = quantity(
        2.0,
        "Unpacked over compressed image",
        "Size of an unpacked image over its compressed size, where the former is not given.",
        ge=1,
        le=10,
        row="3.13",
    )
    provisioning_cpu_median_s: float = quantity(
        200.0,
        "Provisioning, CPU (median)",
        "From the decision to add a CPU instance until it is in service, before model load, with an image of 500 MB; "
        "fetching a larger image or model comes on top.",
        unit="s",
        gt=0,
        le=7200,
        row="2.30",
    )
    provisioning_gpu_median_s: float = quantity(
        150.0,
        "Provisioning, GPU (median)",
        "The same for an instance with GPUs or other accelerators.",
        unit="s",
        gt=0,
        le=7200,
        row="2.37",
    )
    provisioning_sigma: float = quantity(
        0.5, "Provisioning spread", "Sigma of the log-normal provisioning time.", ge=0, le=2, row="2.30"
    )
    provisioning_within_share: float = quantity(
        0.2,
        "Provisioning spread within",
        "Part of that sigma by which instances of one scale-out differ; the rest they share. 1: each has its own time.",
        ge=0,
        le=1,
        row="2.43",
    )
    instance_image_mb_per_s: float = quantity(
        53.0,
        "Image rate, instances",
        "Rate at which an instance fetches an image that is not cached.",
        unit="MB/s",
        gt=0,
        le=10_000,
        row="2.38",
    )
    instance_model_mb_per_s: float = quantity(
        210.0,
        "Model rate, instances",
        "Rate at which an instance fetches its model; 45 % of it while the image is fetched too.",
        unit="MB/s",
        gt=0,
        le=10_000,
        row="2.38",
    )
    gpu_memory_bound_share: float = quantity(
        1.0,
        "GPU time bound by memory",
        "Share of the time on the GPU that waits for its memory, and so is scaled between GPUs by their bandwidth; the "
        "rest computes, and is scaled by dense FP16 throughput. 1 for text generation and small batches, 0 for large "
        "ones.",
        ge=0,
        le=1,
        row="6.8",
    )
    spread_efficiency: float = quantity(
        0.7,
        "Efficiency of a spread model",
        "Speed of a copy of the model that is spread over several GPUs, over that of as many GPUs that do not wait for "
        "one another.",
        gt=0,
        le=1,
        row="6.9",
    )
    alarm_delay_min_s: float = quantity(
        60.0,
        "Alarm delay, least",
        "Publishing and evaluating a metric takes at least this long.",
        unit="s",
        ge=0,
        le=900,
        row="2.12",
    )
    alarm_delay_max_s: float = quantity(
        120.0, "Alarm delay, most", "And at most this long.", unit="s", ge=0, le=900, row="2.12"
    )
    high_resolution_delay_min_s: float = quantity(
        10.0,
        "Alarm delay at 10 s, least",
        "The same for alarms on metrics of 10 s: detection is said to be up to six times faster.",
        unit="s",
        ge=0,
        le=900,
        row="2.41",
    )
    high_resolution_delay_max_s: float = quantity(
        20.0, "Alarm delay at 10 s, most", "And at most this long.", unit="s", ge=0, le=900, row="2.41"
    )
    instances_per_endpoint_quota: int = quantity(
        0,
        "Quota of instances per endpoint",
        "A scale-out beyond it is refused whole; 0 for no such limit. New accounts may have 4.",
        ge=0,
        le=10_000,
        row="2.28",
    )
    shortage_probability: float = quantity(
        0.0,
        "Capacity shortage",
        "Probability that a scale-out meets a shortage of this instance type.",
        ge=0,
        le=1,
        row="2.42",
    )
    shortage_s: float = quantity(
        1200.0,
        "Shortage lasts",
        "Additional time that all instances of such a scale-out take.",
        unit="s",
        ge=0,
        le=86_400,
        row="2.42",
    )
    replacement_delay_s: float = quantity(
        60.0,
        "Replacement of a dead instance",
        "From the death of an instance until another one is asked for. AWS does not publish it.",
        unit="s",
        ge=0,
        le=7200,
    )
    scaling_waits: bool = choice(
        False,
        "Scaling waits",
        "While instances are on their way an endpoint is Updating, and SageMaker refuses another count: policies and "
        "scheduled actions then wait until all are in service. Whether Application Auto Scaling meets that is not "
        "published.",
        row="2.46",
    )
    realtime_scale_in: Literal["drain", "kill"] = choice(
        "drain",
        "Real-time scale-in",
        "An instance that is taken away finishes what it has, or what it has fails: AWS ends containers 30 s after "
        "SIGTERM.",
        row="1.22",
    )
    warmup_hazard_s: float = quantity(
        0.0,
        "Warm-up hazard",
        "A new real-time instance answers slowly for this long after it came into service; 0 for no such time.",
        unit="s",
        ge=0,
        le=3600,
        row="2.29",
    )
    warmup_slowdown: float = quantity(
        3.0, "Warm-up slowdown", "Its service time meanwhile, over the usual one.", ge=1, le=1000, row="2.29"
    )
    async_scale_in: Literal["drain", "redone", "lost"] = choice(
        "drain",
        "Asynchronous scale-in",
        "What becomes of the requests an instance works on when it is taken away: it finishes them, or they are done "
        "again, or lost. Those of an instance that dies are done again unless this is lost.",
        row="4.14",
    )
    image_is_cached: bool = choice(
        True,
        "Image is cached",
        "Instances with accelerators find the image of their endpoint cached, unless it is the first start of an "
        "endpoint: AWS does so since June 2026 without being asked.",
        row="2.37",
    )
    bill_while_provisioning: bool = choice(
        True,
        "Billed while provisioning",
        "Instances are billed from the moment they are asked for; AWS does not publish the moment.",
    )
    serverless_mb_per_vcpu: float = quantity(
        1769.0,
        "Memory per vCPU, serverless",
        "vCPU grows in proportion to memory; the ratio is Lambda's.",
        unit="MB",
        gt=0,
        le=10_240,
        row="3.8",
    )
    serverless_container_start_s: float = quantity(
        3.0, "Cold start: container", "Starting an environment and its container.", unit="s", ge=0, le=180, row="3.27"
    )
    serverless_image_mb_per_s: float = quantity(
        250.0, "Cold start: image rate", "Rate at which the image is fetched.", unit="MB/s", gt=0, le=10_000, row="3.27"
    )
    serverless_model_mb_per_s: float = quantity(
        100.0,
        "Cold start: model rate",
        "Rate at which the model is fetched from S3.",
        unit="MB/s",
        gt=0,
        le=10_000,
        row="2.38",
    )
    serverless_cold_sigma: float = quantity(
        0.6, "Cold start: spread", "Sigma of the log-normal factor on the sum of the parts.", ge=0, le=2, row="3.20"
    )
    provisioned_concurrency_median_s: float = quantity(
        210.0,
        "Provisioned concurrency (median)",
        "From the decision to provision more environments until they take requests.",
        unit="s",
        gt=0,
        le=7200,
        row="3.7",
    )
    serverless_bill_cold_start: bool = choice(
        False, "Cold start is billed", "Whether initialisation counts as billed duration is not published.", row="3.54"
    )
    serverless_idle_s: float = quantity(
        640.0,
        "Serverless idle time",
        "Once nothing has been in flight for this long, all environments are gone. Spare ones of a busier endpoint are "
        "kept 2.0 times as long (1,300 s) and each is replaced after 6.3 to 11.4 times as long (4,000 to 7,300 s): the "
        "three rules that logs of AWS Lambda show, see docs/validation.md.",
        unit="s",
        ge=1,
        le=7200,
        row="3.35",
    )
    serverless_keep_warm_s: float = quantity(
        0.0,
        "Serverless keep-warm, fixed",
        "Every idle environment is kept just this long, in place of the three rules; 0 for these.",
        unit="s",
        ge=0,
        le=7200,
        row="3.31",
    )
    serverless_quiet_s: float = quantity(
        0.0,
        "Serverless quiet time",
        "A rule of your own: once nothing has been in flight for this long, all idle environments are gone; 0 for what "
        "the three rules say, or no such rule beside a fixed keep-warm.",
        unit="s",
        ge=0,
        le=7200,
        row="3.33",
    )
    serverless_life_min_s: float = quantity(
        0.0,
        "Serverless life, least",
        "A rule of your own: an environment is replaced after a life drawn evenly between the least and the most.",
        unit="s",
        ge=0,
        le=86_400,
        row="3.33",
    )
    serverless_life_max_s: float = quantity(
        0.0,
        "Serverless life, most",
        "0 for what the three rules say, or lives without end beside a fixed keep-warm.",
        unit="s",
        ge=0,
        le=86_400,
        row="3.33",
    )
    serverless_keep_warm_sigma: float = quantity(
        0.0,
        "Serverless keep-warm: spread",
        "Sigma of a log-normal factor on the time that an environment is kept idle, drawn for each; 0 for a fixed "
        "time. Reported as not deterministic.",
        ge=0,
        le=2,
        row="3.31",
    )
    serverless_account_concurrency: int = quantity(
        0,
        "Account concurrency, serverless",
        "Requests that all serverless endpoints of the account may have in flight in the Region; 0 takes what the "
        "guide states for it, 1,000 or 500. New accounts may have 10.",
        ge=0,
        le=100_000,
        row="3.6",
    )
    serverless_others_in_use: int = quantity(
        0,
        "In use by other endpoints",
        "What other serverless endpoints have in flight at 14:00, their busiest time. Taken as use; AWS does not state "
        "whether use is checked or the sum of all MaxConcurrency.",
        ge=0,
        le=100_000,
        row="3.6",
    )
    serverless_others_low_share: float = quantity(
        1.0,
        "Others at 02:00",
        "Share of that which they use at 02:00, with a cosine in between; 1 for constant use.",
        ge=0,
        le=1,
        row="3.6",
    )
    serverless_starts_per_10_s: int = quantity(
        0,
        "New environments per 10 s",
        "Most environments that may start in 10 s, all at once or spread; 0 for no such limit. A request that needs "
        "one more is throttled. Not published for SageMaker; Lambda allows 1,000 a function.",
        ge=0,
        le=100_000,
        row="3.34",
    )
    serverless_not_ready_after_s: float = quantity(
        0.0,
        "Not ready after",
        "A request that has waited so long for a cold start is answered 429 ModelNotReadyException, while the "
        "environment goes on to start; 0 for a start that is waited for. The wait is not published.",
        unit="s",
        ge=0,
        le=180,
        row="3.4",
    )
    s3_mb_per_s: float = quantity(
        100.0,
        "S3 transfer rate",
        "Rate at which a payload is read from or written to S3.",
        unit="MB/s",
        gt=0,
        le=10_000,
        row="2.38",
    )
    batch_start_median_s: float = quantity(
        218.0,
        "Batch start (median)",
        "From creating a transform job until it works.",
        unit="s",
        gt=0,
        le=7200,
        row="5.2",
    )
    minibatch_overhead_ms: float = quantity(
        10.0,
        "Overhead per mini-batch",
        "Time batch transform adds to every call of the container.",
        unit="ms",
        ge=0,
        le=5000,
        row="2.63",
    )
    always_on_utilisation: float = quantity(
        0.7, "Always-on sizing", "Utilisation at the peak minute for which the always-on baseline is sized.", gt=0, le=1
    )
