"""CloudFormation, as far as a deployment asks it: what may be done with a stack in which state, and what it refuses."""

import json
import os

from fake_policies import is_replaced, refused_by_policy
from fake_resources import BUCKET, BUCKET_REGION, HERE, forget, inside, make, physical, take_down

CAPABILITY = "CAPABILITY_NAMED_IAM"
NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
EARLY = "Early validation failed: [AWS::EarlyValidation::ResourceExistenceCheck]. The DescribeEvents API tells more."
STANDING = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE")


class Refused(Exception):
    def __init__(self, operation, code, words):
        super().__init__(f"\nAn error occurred ({code}) when calling the {operation} operation: {words}")


def invalid(operation, words):
    return Refused(operation, "ValidationError", words)


def read_file(url):
    assert url.startswith("file://"), f"{url} is no file"
    with open(url[len("file://"):]) as file:
        return file.read()


def fails(what, name):
    """A file says that this fails: always, or as often as is written in it."""
    path = os.path.join(HERE, f"{what}-{name}")
    if not os.path.exists(path):
        return False
    with open(path) as file:
        left = file.read().strip()
    if left == "1":
        os.remove(path)
    return True


def is_quick():
    """A file says that nobody has to wait."""
    return os.path.exists(os.path.join(HERE, "quick"))


def event(stack, key, status, reason=None):
    """Newest first."""
    stack.setdefault("events", []).insert(0, {"LogicalResourceId": key, "ResourceStatus": status, **({"ResourceStatusReason": reason} if reason else {})})


def role_of(state, operation, stack, named):
    """What is not said is what it was before; and it has to be there."""
    role = named["role-arn"][0] if "role-arn" in named else (stack or {}).get("role")
    if role is not None and role.split("/")[-1] not in state["roles"]:
        raise invalid(operation, f"Role {role} is invalid or cannot be assumed")
    if stack is not None and role is not None:
        stack["role"] = role
    return role


def parameters_of(template, told, stack):
    known = template.get("Parameters", {})
    for name, value in told.items():
        if name not in known:
            raise invalid("CreateChangeSet", f"Parameters: [{name}] do not exist in the template")
        if value is None and (stack is None or name not in stack["parameters"]):
            raise invalid("CreateChangeSet", f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true for a parameter key not in the previous template")
    values = {}
    for name, one in known.items():
        value = told.get(name)
        if value is None and name in told:
            value = stack["parameters"][name]
        if value is None:
            value = one.get("Default")
        if value is None:
            raise invalid("CreateChangeSet", f"Parameters: [{name}] must have values")
        values[name] = value
    return values


def template_of(state, named):
    if "template-body" in named:
        body = read_file(named["template-body"][0])
        if len(body) > 51200:
            raise invalid("CreateChangeSet", "Member must have length less than or equal to 51200")
    else:
        host, key = named["template-url"][0][len("https://"):].split("/", 1)
        if host != f"{BUCKET}.s3.{BUCKET_REGION}.amazonaws.com":
            raise invalid("CreateChangeSet", "S3 error: The bucket you are attempting to access must be addressed using the specified endpoint.")
        body = state["objects"][f"{BUCKET}/{key}"]
    return json.loads(body)


def create_change_set(state, named):
    name, region = named["stack-name"][0], named["region"][0]
    stack = state["stacks"].get(name)
    exists = stack is not None and stack["status"] != "REVIEW_IN_PROGRESS"
    if (named["change-set-type"][0] == "CREATE") == exists:
        raise invalid("CreateChangeSet", f"Stack [{name}] {'already exists and cannot be created again' if exists else 'does not exist'}")
    if exists and stack["status"] not in STANDING:
        raise invalid("CreateChangeSet", f"Stack:{name} is in {stack['status']} state and can not be updated.")
    if exists and stack["region"] != region:
        raise invalid("CreateChangeSet", f"Stack [{name}] does not exist")
    role = role_of(state, "CreateChangeSet", stack if exists else None, named)
    template = template_of(state, named)
    if any(one["Type"].startswith("AWS::IAM::") for one in template["Resources"].values()) and CAPABILITY not in named["capabilities"]:
        raise Refused("CreateChangeSet", "InsufficientCapabilitiesException", f"Requires capabilities : [{CAPABILITY}]")
    told = {one["ParameterKey"]: one.get("ParameterValue") for one in json.loads(read_file(named["parameters"][0]))}
    values = parameters_of(template, told, stack if exists else None)
    before, after = stack["template"]["Resources"] if exists else {}, template["Resources"]
    again = exists and stack["parameters"] != values
    changes = [("Add", key) for key in after if key not in before]
    changes += [("Modify", key) for key in after if key in before and (after[key] != before[key] or again)]
    changes += [("Remove", key) for key in before if key not in after]
    outputs = template.get("Outputs", {})
    same = exists and not changes and outputs == stack["template"].get("Outputs", {})
    known = exported(state, region, but=name)
    missing = [one for one in inside(template, "Fn::ImportValue") if one not in known]
    if stack is None:
        stack = state["stacks"][name] = {"status": "REVIEW_IN_PROGRESS", "region": region, "parameters": {}, "template": {"Resources": {}}}
    if role is not None:
        stack["role"] = role
    stack.setdefault("sets", {})[named["change-set-name"][0]] = {
        "template": template,
        "parameters": values,
        "looked": 1 if is_quick() else 0,
        "failure": EARLY if invalid_at_first(name) is not None else NO_CHANGES if same else f"No export named {missing[0]} found." if missing else None,
        "changes": [
            {"ResourceChange": {"Action": action, "LogicalResourceId": key, "ResourceType": {**before, **after}[key]["Type"], "Replacement": str(is_replaced(before.get(key), after.get(key)))}}
            for action, key in changes
        ],
        "rollback": json.loads(named["rollback-configuration"][0]) if "rollback-configuration" in named else None,
    }
    return {"Id": "arn"}


def exported(state, region, but):
    return [
        output["Export"]["Name"]
        for name, stack in state["stacks"].items()
        if stack["region"] == region and name != but and stack["status"] in STANDING
        for output in stack["template"].get("Outputs", {}).values()
        if "Export" in output
    ]


def describe_change_set(state, named):
    change_set = state["stacks"][named["stack-name"][0]].get("sets", {}).get(named["change-set-name"][0])
    if change_set is None:
        raise Refused("DescribeChangeSet", "ChangeSetNotFound", "ChangeSet does not exist")
    if os.path.exists(os.path.join(HERE, "fail-look")):
        raise Refused("DescribeChangeSet", "Throttling", "Rate exceeded")
    change_set["looked"] += 1
    told = {"ChangeSetId": arn_of(named["region"][0], named["stack-name"][0], named["change-set-name"][0])}
    if change_set["looked"] == 1:
        return told | {"Status": "CREATE_IN_PROGRESS"}
    if change_set["failure"] is not None:
        return told | {"Status": "FAILED", "StatusReason": change_set["failure"]}
    # Of outputs there is nothing among them.
    return told | {"Status": "CREATE_COMPLETE", "Changes": change_set["changes"]}


def arn_of(region, stack, change_set):
    return f"arn:aws:cloudformation:{region}:123456789012:changeSet/{change_set}/of-{stack}"


def invalid_at_first(name):
    """A file has what early validation finds in a stack's template."""
    path = os.path.join(HERE, f"invalid-{name}")
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return json.load(file)


def describe_events(state, named):
    """Of a change set by its ARN alone: of a name it says that nothing was named."""
    for name, stack in state["stacks"].items():
        for change_set in stack.get("sets", {}):
            if named["change-set-name"][0] == arn_of(stack["region"], name, change_set):
                return {"OperationEvents": invalid_at_first(name) or []}
    raise invalid("DescribeEvents", "One of ChangeSetName, OperationId or StackName must be specified")


def delete_change_set(state, named):
    sets = state["stacks"][named["stack-name"][0]].setdefault("sets", {})
    change_set = sets.get(named["change-set-name"][0])
    if change_set is not None and change_set["looked"] == 0:
        change_set["looked"] = 1
        raise Refused("DeleteChangeSet", "InvalidChangeSetStatus", "An operation on this ChangeSet is currently in progress.")
    sets.pop(named["change-set-name"][0], None)
    return {}


def execute_change_set(state, named):
    name = named["stack-name"][0]
    stack = state["stacks"][name]
    change_set = stack["sets"][named["change-set-name"][0]]
    if change_set["failure"] is not None:
        raise Refused("ExecuteChangeSet", "InvalidChangeSetStatus", "ChangeSet cannot be executed in its current status of [FAILED]")
    kind = "CREATE" if stack["status"] == "REVIEW_IN_PROGRESS" else "UPDATE"
    stack["status"] = f"{kind}_IN_PROGRESS"
    if change_set["rollback"] is not None:
        stack["triggers"] = [one["Arn"] for one in change_set["rollback"]["RollbackTriggers"]]
    event(stack, name, f"{kind}_IN_PROGRESS")
    state["log"].append(f"{kind} {name}" + (" guarded" if stack.get("triggers") else ""))
    before = stack["template"]
    failed = refused_by_policy(stack, before["Resources"], change_set["template"]["Resources"])
    if failed is None:
        replace(state, name, stack, change_set["template"]["Resources"])
        stack["template"] = change_set["template"]
        # What can be made is made, also of what fails as a whole.
        failed = make(state, name, stack)
    raised = [one for one in stack.get("triggers", []) if state["alarms"].get(one.split(":")[-1]) == "ALARM"]
    unbounded = [
        key
        for key, one in change_set["template"]["Resources"].items()
        if one["Type"] == "AWS::IAM::Role" and "PermissionsBoundary" not in one.get("Properties", {})
    ]
    if fails("fail", name):
        event(stack, "First", f"{kind}_FAILED", "You have exceeded your quota")
        event(stack, "Second", f"{kind}_FAILED", "Resource creation cancelled")
    elif failed is not None:
        event(stack, failed[0], f"{kind}_FAILED", failed[1])
    elif raised:
        event(stack, "First", f"{kind}_FAILED", f"Rollback requested by {raised[0]}")
    elif stack.get("role") and unbounded:
        event(stack, unbounded[0], f"{kind}_FAILED", f"{stack['role']} is not authorized to perform: iam:CreateRole")
    else:
        stack["next"] = f"{kind}_COMPLETE"
        stack["parameters"], stack["sets"] = change_set["parameters"], {}
        return
    if kind == "UPDATE":
        stack["template"] = before
    if "disable-rollback" in named:
        stack["next"] = f"{kind}_FAILED"
        event(stack, name, f"{kind}_FAILED")
    elif kind == "UPDATE":
        stack["next"] = "UPDATE_ROLLBACK_COMPLETE"
        event(stack, name, "UPDATE_ROLLBACK_IN_PROGRESS")
    else:
        stack["next"] = undo_creation(state, name, stack)


def replace(state, name, stack, after):
    """The old ones go."""
    for key, one in stack["template"]["Resources"].items():
        if is_replaced(one, after.get(key)) and one.get("UpdateReplacePolicy", "Delete") == "Delete":
            forget(state, stack, one, physical(stack, name, key, one))


def undo_creation(state, name, stack):
    """Returns the status that it comes to."""
    event(stack, name, "ROLLBACK_IN_PROGRESS")
    failed = take_down(state, name, stack, is_creation_undone=True)
    for key, why in failed:
        event(stack, key, "DELETE_FAILED", why)
    return "ROLLBACK_FAILED" if failed else "ROLLBACK_COMPLETE"


def rollback_stack(state, named):
    """Documented to delete what has no earlier state; a stack whose creation is undone in the usual way stays there, empty."""
    name = named["stack-name"][0]
    stack = state["stacks"][name]
    if stack["status"] not in ("CREATE_FAILED", "UPDATE_FAILED"):
        raise invalid("RollbackStack", f"RollbackStack is not supported: stack [{name}] is in {stack['status']} state")
    role_of(state, "RollbackStack", stack, named)
    state["log"].append(f"ROLLBACK {name}")
    if stack["status"] == "UPDATE_FAILED":
        stack["status"], stack["next"] = "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"
        return {}
    after = undo_creation(state, name, stack)
    deletes = after == "ROLLBACK_COMPLETE" and os.path.exists(os.path.join(HERE, "rollback-deletes"))
    stack["status"], stack["next"] = "ROLLBACK_IN_PROGRESS", "DELETE_COMPLETE" if deletes else after
    return {}


def describe_stacks(state, named):
    name = named["stack-name"][0]
    if is_quick():
        settle(state, name)
    stack = state["stacks"].get(name)
    if stack is None or stack["region"] != named["region"][0]:
        raise invalid("DescribeStacks", f"Stack with id {name} does not exist")
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in stack["parameters"].items()]
    answer = {
        "StackName": name,
        "StackStatus": stack["status"],
        "EnableTerminationProtection": stack.get("protected", False),
        "Parameters": parameters,
        "Outputs": [
            {"OutputKey": "ArtifactsBucket", "OutputValue": physical(stack, name, key, one)}
            for key, one in stack["template"]["Resources"].items()
            if one["Type"] == "AWS::S3::Bucket" and name.endswith(("-Foundation", "-RecoveryKeys"))
        ],
    }
    settle(state, name)
    return {"Stacks": [answer]}


def settle(state, name):
    stack = state["stacks"].get(name, {})
    if "next" in stack:
        stack["status"] = stack.pop("next")
        if stack["status"] == "DELETE_COMPLETE":
            del state["stacks"][name]


def delete_stack(state, named):
    name = named["stack-name"][0]
    stack = state["stacks"][name]
    if stack.get("protected"):
        raise invalid("DeleteStack", f"Stack [{name}] cannot be deleted while TerminationProtection is enabled")
    if stack["status"].endswith("_IN_PROGRESS") and stack["status"] != "REVIEW_IN_PROGRESS":
        raise invalid("DeleteStack", f"Stack [{name}] cannot be deleted while in status {stack['status']}")
    role_of(state, "DeleteStack", stack, named)
    state["log"].append(f"DELETE {name}")
    event(stack, name, "DELETE_IN_PROGRESS")
    failed = [("First", "resource has a dependent object")] if fails("fail-delete", name) else take_down(state, name, stack, is_creation_undone=False)
    for key, why in reversed(failed):
        event(stack, key, "DELETE_FAILED", why)
    stack["status"], stack["next"] = "DELETE_IN_PROGRESS", "DELETE_FAILED" if failed else "DELETE_COMPLETE"


def continue_update_rollback(state, named):
    name = named["stack-name"][0]
    stack = state["stacks"][name]
    if stack["status"] != "UPDATE_ROLLBACK_FAILED":
        raise invalid("ContinueUpdateRollback", f"Stack [{name}] is in {stack['status']} state and can not continue rollback")
    role_of(state, "ContinueUpdateRollback", stack, named)
    state["log"].append(f"CONTINUE {name}" + (" skipping" if "resources-to-skip" in named else ""))
    event(stack, name, "UPDATE_ROLLBACK_IN_PROGRESS")
    if fails("fail-back", name):
        event(stack, "First", "UPDATE_FAILED", "It is still not there")
        event(stack, name, "UPDATE_ROLLBACK_FAILED")
    stack["status"], stack["next"] = "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED" if stack["events"][0]["ResourceStatus"].endswith("FAILED") else "UPDATE_ROLLBACK_COMPLETE"


def answer(state, operation, named):
    if operation == "describe-events":
        return describe_events(state, named)
    stacks, name = state["stacks"], named["stack-name"][0]
    if operation == "describe-stacks":
        return describe_stacks(state, named)
    if operation == "create-change-set":
        return create_change_set(state, named)
    if name not in stacks or stacks[name]["region"] != named["region"][0]:
        raise invalid(operation, f"Stack [{name}] does not exist")
    stack = stacks[name]
    if operation == "describe-change-set":
        return describe_change_set(state, named)
    if operation == "execute-change-set":
        return execute_change_set(state, named)
    if operation == "delete-change-set":
        return delete_change_set(state, named)
    if operation == "delete-stack":
        return delete_stack(state, named)
    if operation == "rollback-stack":
        return rollback_stack(state, named)
    if operation == "continue-update-rollback":
        return continue_update_rollback(state, named)
    if operation == "update-termination-protection":
        stack["protected"] = "enable-termination-protection" in named
        return {}
    if operation == "set-stack-policy":
        json.loads(named["stack-policy-body"][0])
        stack["policy"] = named["stack-policy-body"][0]
        return None
    if operation == "get-stack-policy":
        return {"StackPolicyBody": stack["policy"]} if "policy" in stack else None
    if operation == "get-template":
        return {"TemplateBody": stack["template"]}
    if operation == "list-stack-resources":
        resources, gone = stack["template"]["Resources"].items(), stack.get("gone", {})
        return {
            "StackResourceSummaries": [
                {"LogicalResourceId": key, "ResourceType": one["Type"], "PhysicalResourceId": physical(stack, name, key, one), "ResourceStatus": gone.get(key, "CREATE_COMPLETE")}
                for key, one in resources
            ]
        }
    if operation == "describe-stack-events":
        return {"StackEvents": stack.get("events", [])}
    raise SystemExit(f"fake: cloudformation {operation} is not known here")
