"""Every rule of the AWS on loopback that is not in botocore's service models, and where it comes from.

Sources: a thread (repository#number), "AWS" for text of AWS's documentation or of botocore's models, "assumption" for
what nobody of us has seen AWS do. `python -m tests.aws.rules` prints the table of docs/test-aws.md.
"""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """words: what AWS refuses or does. source: who says so."""

    words: str
    source: str


RULES = {
    "role trust": Rule(
        "A model, configuration or job whose role does not exist or does not trust sagemaker.amazonaws.com is refused.",
        "aws/sagemaker-python-sdk#43",
    ),
    "image region": Rule("An ECR image of another Region is refused.", "sagemaker-pytorch-inference-toolkit#7"),
    "model data": Rule("Model data that is not in S3 is refused.", "assumption: at CreateModel, before any instance"),
    "name taken": Rule(
        "Creating what exists is refused, also by the caller who made it: no create has an idempotency token.",
        "terraform-provider-aws#48966",
    ),
    "model exists": Rule("A configuration or job names a model that exists.", "AWS"),
    "config exists": Rule("An endpoint names a configuration that exists.", "AWS"),
    "not found": Rule("Describing or deleting what is not there is refused; DeleteModel too.", "AWS"),
    "quota": Rule(
        "More instances of a type than its quota are refused when an endpoint or job is made, updated or scaled.",
        "aws/amazon-sagemaker-examples#307",
    ),
    "serverless quota": Rule("The MaxConcurrency of all serverless endpoints together has a quota.", "AWS"),
    "capacity": Rule(
        "Without capacity the endpoint goes from Creating to Failed, and an update is rolled back.",
        "aws/deep-learning-containers#6411",
    ),
    "health check": Rule(
        "A container that does not answer the ping ends Creating in Failed, and rolls an update back.",
        "aws/sagemaker-python-sdk#1554",
    ),
    "silent rollback": Rule(
        "A rolled-back update ends InService with the old configuration, and FailureReason may be empty.",
        "terraform-provider-aws#49020",
    ),
    "in progress": Rule(
        "An endpoint that is being created, updated or rolled back can neither be updated nor deleted.",
        "aws/amazon-sagemaker-examples#3432; of updates: assumption",
    ),
    "update of failed": Rule("An endpoint that failed to be created cannot be updated, only deleted.", "AWS"),
    "memory steps": Rule("MemorySizeInMB is 1024, 2048, 3072, 4096, 5120 or 6144.", "AWS"),
    "provisioned fits": Rule("ProvisionedConcurrency is at most MaxConcurrency.", "AWS"),
    "serverless alone": Rule("A serverless variant has no instance type or count.", "AWS"),
    "batch payload": Rule("MaxConcurrentTransforms x MaxPayloadInMB is at most 100.", "AWS"),
    "variant unique": Rule("Variants of a configuration have different names.", "AWS"),
    "update same config": Rule("An update names another configuration than the one in use.", "assumption"),
    "variant is scaled": Rule(
        "An update that changes the type of a variant which is a scalable target is refused.",
        "AWS (endpoint-scaling-update), terraform-provider-aws#14337",
    ),
    "counts are reset": Rule(
        "An update starts with InitialInstanceCount unless RetainAllVariantProperties is true.",
        "terraform-provider-aws#48990",
    ),
    "alarms for rollback": Rule(
        "An update is rolled back by an alarm only if AutoRollbackConfiguration names it and it exists.",
        "AWS; that a missing alarm is refused: assumption",
    ),
    "rolling": Rule("A rolling update is refused for serverless variants and for several variants.", "AWS"),
    "both policies": Rule("BlueGreenUpdatePolicy and RollingUpdatePolicy exclude each other.", "AWS"),
    "sns publish": Rule(
        "An asynchronous endpoint whose role may not publish to its topic is refused.",
        "amazon-sagemaker-examples#4461; as its topic does not exist: assumption",
    ),
    "first registration": Rule("The first RegisterScalableTarget gives MinCapacity and MaxCapacity.", "AWS"),
    "min at most max": Rule("MinCapacity is at most MaxCapacity.", "AWS"),
    "target is there": Rule("Only a variant of an endpoint in service can be registered.", "assumption"),
    "zero": Rule("Only asynchronous endpoints and inference components scale to 0.", "AWS; who refuses: assumption"),
    "dimension": Rule(
        "Instances scale by DesiredInstanceCount, serverless variants by DesiredProvisionedConcurrency.", "AWS"
    ),
    "burstable": Rule("Variants of ml.t2 cannot be scaled.", "aws-cdk#22886"),
    "target first": Rule("A policy or scheduled action needs its target.", "AWS"),
    "deregister cascades": Rule("Deregistering a target deletes its policies and actions.", "AWS"),
    "delete cascades": Rule(
        "DeleteEndpoint deregisters the targets of the endpoint.", "awslabs/stable-diffusion-aws-extension#161"
    ),
    "orphans": Rule("Deleting an endpoint leaves its configuration and model.", "aws/sagemaker-python-sdk#447"),
    "config in use": Rule(
        "DeleteEndpointConfig is not refused for a configuration in use, and takes it from under the endpoint.",
        "terraform-provider-aws#40048",
    ),
    "model in use": Rule("DeleteModel is not refused for a model in use.", "AWS"),
    "endpoint in service": Rule("InvokeEndpoint needs an endpoint that serves.", "AWS"),
    "stop running only": Rule("Only a transform job in progress can be stopped.", "assumption"),
    "period by age": Rule(
        "Metrics older than 15 days are answered for periods of 300 s, than 63 days for 3600 s; else with nothing.",
        "AWS (GetMetricStatistics)",
    ),
    "exact dimensions": Rule("A metric is found by exactly its dimensions, not by some of them.", "AWS"),
    "raw percentiles": Rule("Percentiles, TC and PR need raw values; statistic sets have none.", "AWS"),
    "billed while": Rule(
        "Instances are billed from Creating until the endpoint is gone, and not of a Failed one.", "assumption"
    ),
}


def table() -> str:
    """The rules as a table in Markdown."""
    rows = [f"| {key} | {rule.words} | {rule.source} |" for key, rule in RULES.items()]
    return "\n".join(["| rule | what the AWS on loopback does | source |", "|---|---|---|", *rows])


if __name__ == "__main__":
    print(table())
