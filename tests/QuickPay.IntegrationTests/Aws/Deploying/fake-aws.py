#!/usr/bin/python3
"""As much of AWS as a deployment asks for, kept in the folder FAKE: it refuses what CloudFormation, S3 and IAM refuse."""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
STATE = os.path.join(HERE, "state.json")
CAPABILITY = "CAPABILITY_NAMED_IAM"


def load():
    if os.path.exists(STATE):
        with open(STATE) as file:
            return json.load(file)
    return {"stacks": {}, "objects": {}, "log": [], "starter": False}


def refuse(operation, code, words):
    print(f"\nAn error occurred ({code}) when calling the {operation} operation: {words}", file=sys.stderr)
    sys.exit(254)


def options(arguments):
    named, at = {}, 0
    while at < len(arguments):
        if not arguments[at].startswith("--"):
            sys.exit(f"fake: {arguments[at]} is no option")
        name, values = arguments[at][2:], []
        at += 1
        while at < len(arguments) and not arguments[at].startswith("--"):
            values.append(arguments[at])
            at += 1
        named[name] = values
    return named


def read_file(url):
    if not url.startswith("file://"):
        sys.exit(f"fake: {url} is no file")
    with open(url[len("file://"):]) as file:
        return file.read()


def parameters_of(template, told, stack):
    known = template.get("Parameters", {})
    for name, value in told.items():
        if name not in known:
            refuse("CreateChangeSet", "ValidationError", f"Parameters: [{name}] do not exist in the template")
        if value is None and (stack is None or name not in stack["parameters"]):
            refuse("CreateChangeSet", "ValidationError", f"Invalid input for parameter key {name}. Cannot specify usePreviousValue")
    values = {}
    for name, one in known.items():
        value = told.get(name)
        if value is None and name in told:
            value = stack["parameters"][name]
        if value is None:
            value = one.get("Default")
        if value is None:
            refuse("CreateChangeSet", "ValidationError", f"Parameters: [{name}] must have values")
        values[name] = value
    return values


def create_change_set(state, named):
    name, region = named["stack-name"][0], named["region"][0]
    stack = state["stacks"].get(name)
    exists = stack is not None and stack["status"] not in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE")
    if (named["change-set-type"][0] == "CREATE") == exists:
        refuse("CreateChangeSet", "ValidationError", f"Stack [{name}] {'already exists and cannot be created again' if exists else 'does not exist'}")
    if exists and not stack["status"].endswith("_COMPLETE"):
        refuse("CreateChangeSet", "ValidationError", f"Stack:{name} is in {stack['status']} state and can not be updated.")
    if exists and stack["status"] == "ROLLBACK_COMPLETE":
        refuse("CreateChangeSet", "ValidationError", f"Stack:{name} is in ROLLBACK_COMPLETE state and can not be updated.")
    if exists and stack["region"] != region:
        refuse("CreateChangeSet", "ValidationError", f"Stack [{name}] does not exist")
    if "template-body" in named:
        body = read_file(named["template-body"][0])
        if len(body) > 51200:
            refuse("CreateChangeSet", "ValidationError", "Member must have length less than or equal to 51200")
    else:
        bucket, key = named["template-url"][0][len("https://"):].split("/", 1)
        body = state["objects"][bucket.split(".")[0] + "/" + key]
    template = json.loads(body)
    if any(one["Type"].startswith("AWS::IAM::") for one in template["Resources"].values()) and CAPABILITY not in named["capabilities"]:
        refuse("CreateChangeSet", "InsufficientCapabilitiesException", f"Requires capabilities : [{CAPABILITY}]")
    told = {one["ParameterKey"]: one.get("ParameterValue") for one in json.loads(read_file(named["parameters"][0]))}
    values = parameters_of(template, told, stack if exists else None)
    before = stack["template"]["Resources"] if exists else {}
    after = template["Resources"]
    again = exists and stack["parameters"] != values
    changes = [("Add", key) for key in after if key not in before]
    changes += [("Modify", key) for key in after if key in before and (after[key] != before[key] or again)]
    changes += [("Remove", key) for key in before if key not in after]
    if not exists:
        stack = state["stacks"][name] = {"status": "REVIEW_IN_PROGRESS", "region": region, "parameters": {}, "template": {"Resources": {}}}
    stack["set"] = {
        "template": template,
        "parameters": values,
        "looked": 0,
        "changes": [
            {"ResourceChange": {"Action": action, "LogicalResourceId": key, "ResourceType": {**before, **after}[key]["Type"], "Replacement": "False"}}
            for action, key in changes
        ],
        "rollback": json.loads(named["rollback-configuration"][0]) if "rollback-configuration" in named else None,
    }
    return {"Id": "arn"}


def describe_change_set(state, named):
    change_set = state["stacks"][named["stack-name"][0]]["set"]
    change_set["looked"] += 1
    if change_set["looked"] == 1:
        return {"Status": "CREATE_IN_PROGRESS"}
    if not change_set["changes"]:
        return {"Status": "FAILED", "StatusReason": "The submitted information didn't contain changes. Submit different information to create a change set."}
    return {"Status": "CREATE_COMPLETE", "Changes": change_set["changes"]}


def execute_change_set(state, named):
    name = named["stack-name"][0]
    stack = state["stacks"][name]
    kind = "CREATE" if stack["status"] == "REVIEW_IN_PROGRESS" else "UPDATE"
    stack["status"] = f"{kind}_IN_PROGRESS"
    state["log"].append(f"{kind} {name}" + (" guarded" if stack["set"]["rollback"] else ""))
    if os.path.exists(os.path.join(HERE, f"fail-{name}")):
        stack["next"] = "ROLLBACK_COMPLETE" if kind == "CREATE" else "UPDATE_ROLLBACK_COMPLETE"
        stack["events"] = ["Second: Resource creation cancelled", "First: You have exceeded your quota"]
        return None
    stack["next"] = f"{kind}_COMPLETE"
    stack["template"], stack["parameters"] = stack["set"]["template"], stack["set"]["parameters"]
    del stack["set"]
    return None


def settle(stack):
    if "next" in stack:
        stack["status"] = stack.pop("next")


def describe_stacks(state, named):
    name = named["stack-name"][0]
    stack = state["stacks"].get(name)
    if stack is None or stack["region"] != named["region"][0]:
        refuse("DescribeStacks", "ValidationError", f"Stack with id {name} does not exist")
    answer = {"Stacks": [{"StackName": name, "StackStatus": stack["status"], "Outputs": []}]}
    if name.endswith("-Foundation"):
        answer["Stacks"][0]["Outputs"] = [{"OutputKey": "ArtifactsBucket", "OutputValue": "programs-bucket"}]
    settle(stack)
    if stack["status"] == "DELETE_COMPLETE":
        del state["stacks"][name]
    return answer


def delete_stack(state, named):
    name = named["stack-name"][0]
    stack = state["stacks"][name]
    if stack.get("protected"):
        refuse("DeleteStack", "ValidationError", f"Stack [{name}] cannot be deleted while TerminationProtection is enabled")
    if name.endswith("-Foundation") and state["objects"]:
        stack["status"] = "DELETE_FAILED"
        stack["events"] = ["Artifacts: The bucket you tried to delete is not empty"]
        return None
    stack["status"], stack["next"] = "DELETE_IN_PROGRESS", "DELETE_COMPLETE"
    state["log"].append(f"DELETE {name}")
    return None


def answer(state, service, operation, named):
    stacks = state["stacks"]
    name = named.get("stack-name", [""])[0]
    if (service, operation) == ("sts", "get-caller-identity"):
        return {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/somebody"}
    if (service, operation) == ("iam", "create-service-linked-role"):
        if state["starter"]:
            refuse("CreateServiceLinkedRole", "InvalidInput", "Service role name AWSServiceRoleForAutoScaling has been taken in this account, please try a different suffix.")
        state["starter"] = True
        return {"Role": {}}
    if (service, operation) == ("cloudwatch", "describe-alarms"):
        return {"MetricAlarms": [{"AlarmArn": f"arn:{alarm}"} for alarm in named["alarm-names"]]}
    if service == "s3api":
        bucket = named["bucket"][0]
        if operation == "head-object":
            if f"{bucket}/{named['key'][0]}" not in state["objects"]:
                refuse("HeadObject", "404", "Not Found")
            return {}
        if operation == "put-object":
            with open(named["body"][0], "rb") as file:
                state["objects"][f"{bucket}/{named['key'][0]}"] = file.read().decode("utf-8", "replace")
            return {}
        if operation == "list-object-versions":
            return {"Versions": [{"Key": key.split("/", 1)[1], "VersionId": "1"} for key in state["objects"]]} if state["objects"] else None
        if operation == "delete-objects":
            for one in json.loads(read_file(named["delete"][0]))["Objects"]:
                del state["objects"][f"{bucket}/{one['Key']}"]
            return {}
    if service == "cloudformation":
        if operation == "describe-stacks":
            return describe_stacks(state, named)
        if operation == "create-change-set":
            return create_change_set(state, named)
        if name not in stacks:
            refuse(operation, "ValidationError", f"Stack [{name}] does not exist")
        if operation == "describe-change-set":
            return describe_change_set(state, named)
        if operation == "execute-change-set":
            return execute_change_set(state, named)
        if operation == "delete-change-set":
            stacks[name].pop("set", None)
            return {}
        if operation == "update-termination-protection":
            stacks[name]["protected"] = "enable-termination-protection" in named
            return {}
        if operation == "delete-stack":
            return delete_stack(state, named)
        if operation == "describe-stack-resources":
            resources = stacks[name]["template"]["Resources"]
            return {"StackResources": [{"ResourceType": one["Type"], "PhysicalResourceId": "programs-bucket"} for one in resources.values()]}
        if operation == "describe-stack-events":
            events = stacks[name].get("events", [])
            return {
                "StackEvents": [
                    {"LogicalResourceId": one.split(": ")[0], "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": one.split(": ")[1]} for one in events
                ]
            }
    sys.exit(f"fake: {service} {operation} is not known here")


def main():
    state = load()
    service, operation = sys.argv[1], sys.argv[2]
    named = options(sys.argv[3:])
    if named.pop("output") != ["json"] or "no-cli-pager" not in named:
        sys.exit("fake: without --output json it may answer in tables, and with a pager never")
    said = answer(state, service, operation, named)
    with open(STATE, "w") as file:
        json.dump(state, file)
    if said is not None:
        print(json.dumps(said))


main()
