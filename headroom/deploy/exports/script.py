"""Creates or deletes a deployment in AWS, with boto3 alone; running it twice changes nothing.

usage: deploy.py create|destroy [--profile NAME] [--NAME VALUE ...]

Credentials come from where boto3 finds them. `create` waits until the endpoint is in service with the wanted
configuration; `destroy` takes everything that carries this deployment's tag away again. Nothing is touched that carries
another tag. Exit codes: 0 done, 1 AWS refused or failed, 2 the command line is wrong.
"""

import argparse
import hashlib
import sys
import time
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

PLAN: dict[str, Any] = {"name": "", "region": "", "hash": "", "tag": "", "given": {}, "open": [], "resources": []}
"""What is created, in this order, in the parameters of boto3's calls. {"$ref": ...} is the name of another entry,
{"$arn": ...} its ARN, {"$given": ...} an option of the command line, {"$join": ...} a text of such parts.
"""
MISSING = ("NotFound", "ResourceNotFound", "ObjectNotFound", "does not exist", "Could not find", "NotFoundException")
LIMIT_S = 2 * 3600


class Stopped(Exception):
    """What is told to the user before the program ends."""


class Deployment:
    """The deployment in one account."""

    def __init__(self, plan: dict[str, Any], given: dict[str, str], session: Any, poll_s: float) -> None:
        self.plan, self.given, self.session, self.poll_s = plan, {**plan["given"], **given}, session, poll_s
        self.clients: dict[str, Any] = {}
        self.arns: dict[str, str] = {}
        self.names = {entry["id"]: self.name_of(entry) for entry in plan["resources"]}

    def name_of(self, entry: dict[str, Any]) -> str:
        """What cannot be changed is named by its content; options of the command line are a part of it."""
        if not entry["hashed"] or not self.plan["open"]:
            return str(entry["name"])
        stem, _, digest = entry["name"].rpartition("-")
        values = "|".join([digest, *(self.given[key] for key in self.plan["open"])])
        return f"{stem}-{hashlib.sha256(values.encode()).hexdigest()[:8]}"

    def call(self, service: str, operation: str, **parameters: Any) -> Any:
        """Call AWS."""
        if service not in self.clients:
            self.clients[service] = self.session.client(service, region_name=self.plan["region"])
        return getattr(self.clients[service], operation)(**parameters)

    def found(self, service: str, operation: str, **parameters: Any) -> Any:
        """The answer, or None where there is no such thing."""
        try:
            return self.call(service, operation, **parameters)
        except ClientError as error:
            if any(word in str(error) for word in MISSING):
                return None
            raise

    def value(self, value: Any) -> Any:
        """A value of the plan with names, ARNs and options in it."""
        if isinstance(value, dict) and len(value) == 1:
            (key, inner), *_ = value.items()
            known = {"$ref": self.names, "$arn": self.arns, "$given": self.given}
            if key in known:
                return known[key][inner]
            if key == "$join":
                return "".join(self.value(part) for part in inner)
        if isinstance(value, dict):
            return {key: self.value(item) for key, item in value.items()}
        return [self.value(item) for item in value] if isinstance(value, list) else value

    def request(self, entry: dict[str, Any]) -> dict[str, Any]:
        """The parameters of the call that creates an entry."""
        return {**self.value(entry["request"]), **({entry["named"]: self.names[entry["id"]]} if entry["named"] else {})}

    def create(self) -> None:
        """Create what is missing and change what differs, in order."""
        for entry in self.plan["resources"]:
            done = getattr(self, f"create_{entry['kind']}", self.create_once)(entry, self.request(entry))
            tell(f"{done}: {entry['title']} {self.names[entry['id']] or entry['id']}")

    def create_once(self, entry: dict[str, Any], request: dict[str, Any]) -> str:
        """For what has a name of its own and cannot be changed: create it unless it is there."""
        if self.found(entry["service"], entry["describe"], **{entry["named"]: request[entry["named"]]}):
            return "is there"
        self.call(entry["service"], entry["create"], **request)
        return "created"

    def create_endpoint(self, _entry: dict[str, Any], request: dict[str, Any]) -> str:
        """Create the endpoint, or bring it to the wanted configuration; wait, and look at what it has."""
        name, wanted = request["EndpointName"], request["EndpointConfigName"]
        there = self.found("sagemaker", "describe_endpoint", EndpointName=name)
        if there:
            self.check_ours(there["EndpointArn"])
            there = self.settled(name)
        done = "is there"
        if not there:
            self.call("sagemaker", "create_endpoint", **request)
            done = "created"
        elif there["EndpointConfigName"] != wanted:
            self.release(there["EndpointConfigName"], wanted)
            scaled = any(other["kind"] == "scalable_target" for other in self.plan["resources"])
            self.call(
                "sagemaker",
                "update_endpoint",
                EndpointName=name,
                EndpointConfigName=wanted,
                RetainAllVariantProperties=scaled,
            )
            done = "updated"
        there = self.settled(name)
        if there is None or there["EndpointStatus"] != "InService" or there["EndpointConfigName"] != wanted:
            status = there and f"{there['EndpointStatus']} with {there['EndpointConfigName']}"
            raise Stopped(f"{name} is {status}, not InService with {wanted}: {(there or {}).get('FailureReason', '')}")
        return done

    def release(self, before: str, wanted: str) -> None:
        """AWS does not change the type of instances that are scaled: the target is registered again afterwards."""
        types = []
        for config in (before, wanted):
            variant = self.call("sagemaker", "describe_endpoint_config", EndpointConfigName=config)
            types.append(variant["ProductionVariants"][0].get("InstanceType"))
        for entry in self.plan["resources"]:
            if entry["kind"] == "scalable_target" and types[0] != types[1]:
                self.delete(entry)

    def settled(self, name: str) -> Any:
        """The endpoint when nothing is being done to it any more; None when it is gone."""
        until = time.monotonic() + LIMIT_S
        while True:
            there = self.found("sagemaker", "describe_endpoint", EndpointName=name)
            if there is None or not there["EndpointStatus"].endswith(("ing", "RollingBack")):
                return there
            if time.monotonic() > until:
                raise Stopped(f"{name} is still {there['EndpointStatus']} after {LIMIT_S / 3600:g} h and is billed")
            tell(f"{there['EndpointStatus']}: endpoint {name}")
            time.sleep(self.poll_s)

    def check_ours(self, arn: str) -> None:
        """Stop before anything that another tool or plan has made is changed or deleted."""
        if not self.is_ours(arn):
            raise Stopped(f"{arn} has no tag {self.plan['tag']} = {self.plan['name']}: it is not ours to change")

    def is_ours(self, arn: str) -> bool:
        """Whether a resource of SageMaker carries this deployment's tag."""
        tags = self.call("sagemaker", "list_tags", ResourceArn=arn)["Tags"]
        return {"Key": self.plan["tag"], "Value": self.plan["name"]} in tags

    def create_scalable_target(self, entry: dict[str, Any], request: dict[str, Any]) -> str:
        """Register the target, or set its bounds; AWS takes tags of a new one only."""
        wanted = {key: request[key] for key in ("ServiceNamespace", "ScalableDimension")}
        ids = [request["ResourceId"]]
        there = self.call(entry["service"], "describe_scalable_targets", **wanted, ResourceIds=ids)["ScalableTargets"]
        if there and all(there[0][key] == request[key] for key in ("MinCapacity", "MaxCapacity")):
            return "is there"
        if there:
            request = {key: value for key, value in request.items() if key != "Tags"}
        self.call(entry["service"], entry["create"], **request)
        return "updated" if there else "created"

    def put(self, entry: dict[str, Any], request: dict[str, Any]) -> str:
        """For what AWS creates and changes by one call."""
        answer = self.call(entry["service"], entry["create"], **request)
        if entry["arn"]:
            self.arns[entry["id"]] = answer[entry["arn"]]
        return "in place"

    create_scaling_policy = create_scheduled_action = create_alarm = create_topic = put

    def create_subscription(self, _entry: dict[str, Any], request: dict[str, Any]) -> str:
        """Subscribe, unless the address is subscribed: AWS would send it another mail."""
        answer = self.call("sns", "list_subscriptions_by_topic", TopicArn=request["TopicArn"])
        if any(there["Endpoint"] == request["Endpoint"] for there in answer["Subscriptions"]):
            return "is there"
        self.call("sns", "subscribe", **request)
        return "created"

    def create_schedule(self, _entry: dict[str, Any], request: dict[str, Any]) -> str:
        """Create the schedule, or change it."""
        there = self.found("scheduler", "get_schedule", Name=request["Name"])
        self.call("scheduler", "update_schedule" if there else "create_schedule", **request)
        return "in place" if there else "created"

    def create_budget(self, _entry: dict[str, Any], request: dict[str, Any]) -> str:
        """Create the budget, or change its limit."""
        account, budget = request["AccountId"], request["Budget"]
        there = self.found("budgets", "describe_budget", AccountId=account, BudgetName=budget["BudgetName"])
        if not there:
            self.call("budgets", "create_budget", **request)
            return "created"
        if float(there["Budget"]["BudgetLimit"]["Amount"]) == float(budget["BudgetLimit"]["Amount"]):
            return "is there"
        self.call("budgets", "update_budget", AccountId=account, NewBudget=budget)
        return "updated"

    def destroy(self) -> None:
        """Delete everything, last things first, and what earlier plans of this deployment have left."""
        self.know_topics()
        for entry in reversed(self.plan["resources"]):
            if entry["delete"]:
                done = "deleted" if self.delete(entry) else "was not there"
                tell(f"{done}: {entry['title']} {self.names[entry['id']] or entry['id']}")
        for kind, title in (("endpoint_config", "EndpointConfig"), ("model", "Model")):
            self.delete_earlier(kind, title)

    def know_topics(self) -> None:
        """Topics are deleted by their ARNs, which follow from their names."""
        caller = self.call("sts", "get_caller_identity")
        start = f"arn:{caller['Arn'].split(':')[1]}:sns:{self.plan['region']}:{caller['Account']}:"
        self.arns.update(
            {
                entry["id"]: start + self.names[entry["id"]]
                for entry in self.plan["resources"]
                if entry["kind"] == "topic"
            }
        )

    def delete(self, entry: dict[str, Any]) -> bool:
        """Delete one thing; false where it is not there. An endpoint is waited for until it is gone."""
        name = self.names[entry["id"]]
        if entry["kind"] == "endpoint":
            there = self.settled(name)
            if there is None:
                return False
            self.check_ours(there["EndpointArn"])
        if entry["kind"] == "transform_job":
            job = self.found("sagemaker", "describe_transform_job", TransformJobName=name)
            if job is None or job["TransformJobStatus"] != "InProgress":
                return False
        gone = self.found(entry["service"], entry["delete"], **self.value(entry["identity"] | self.own(entry, name)))
        if entry["kind"] == "endpoint":
            self.settled(name)
        return gone is not None

    def own(self, entry: dict[str, Any], name: str) -> dict[str, Any]:
        """The name among what identifies an entry."""
        if entry["kind"] == "alarm":
            return {"AlarmNames": [name]}
        return {entry["named"]: name} if entry["named"] and entry["kind"] != "topic" else {}

    def delete_earlier(self, kind: str, title: str) -> None:
        """Models and configurations of earlier plans have other names and the same tag."""
        token: dict[str, str] = {}
        while True:
            answer = self.call("sagemaker", f"list_{kind}s", NameContains=f"{self.plan['name']}-", **token)
            for there in answer[f"{title}s"]:
                name = there[f"{title}Name"]
                if name.startswith(f"{self.plan['name']}-") and self.is_ours(there[f"{title}Arn"]):
                    self.call("sagemaker", f"delete_{kind}", **{f"{title}Name": name})
                    tell(f"deleted: {name}, of an earlier plan")
            if "NextToken" not in answer:
                return
            token = {"NextToken": answer["NextToken"]}


def tell(text: str) -> None:
    """Say what is done as it is done."""
    print(text, flush=True)


def arguments(plan: dict[str, Any], given: list[str] | None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=f"Create or delete {plan['name']} in {plan['region']}.")
    parser.add_argument("action", choices=("create", "destroy"))
    parser.add_argument("--profile", help="a profile of the AWS configuration")
    parser.add_argument("--poll", type=float, default=15.0, metavar="SECONDS", help="time between two looks; 15")
    for key in plan["open"]:
        needed = key != "account"  # which boto3 can ask for
        parser.add_argument(f"--{key.replace('_', '-')}", dest=key, required=needed, help="left open by the plan")
    return parser.parse_args(given)


def account_of(session: Any) -> str:
    """The account that the credentials belong to."""
    return str(session.client("sts", region_name=PLAN["region"]).get_caller_identity()["Account"])


def main(given: list[str] | None = None) -> int:
    """Run the command line."""
    chosen = arguments(PLAN, given)
    try:
        session = boto3.Session(profile_name=chosen.profile)
        options = {key: (getattr(chosen, key) or account_of(session)).rstrip("/") for key in PLAN["open"]}
        actions = Deployment(PLAN, options, session, chosen.poll)
        (actions.create if chosen.action == "create" else actions.destroy)()
    except (Stopped, ClientError, BotoCoreError) as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
