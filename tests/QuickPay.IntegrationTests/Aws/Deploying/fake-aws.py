#!/usr/bin/python3 -SE
"""As much of AWS as a deployment asks for, kept in the folder that this lies in: it refuses what AWS refuses. Each call is noted in `calls`."""

import json
import os
import sys

import fake_stacks
from fake_stacks import BUCKETS, HERE, Refused, read_file

STATE = os.path.join(HERE, "state.json")
ACCOUNT = "arn:aws:iam::123456789012"


def load():
    state = {"stacks": {}, "objects": {}, "log": [], "starter": False, "roles": [], "alarms": {}, "databases": {}, "balancers": {}, "snapshots": {}}
    if os.path.exists(STATE):
        with open(STATE) as file:
            state.update(json.load(file))
    return state


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


def iam(state, operation, named):
    if operation == "create-service-linked-role":
        if state["starter"]:
            raise Refused("CreateServiceLinkedRole", "InvalidInput", "Service role name AWSServiceRoleForAutoScaling has been taken in this account, please try a different suffix.")
        state["starter"] = True
        return {"Role": {}}
    if operation == "get-role":
        role = named["role-name"][0]
        if role not in state["roles"]:
            raise Refused("GetRole", "NoSuchEntity", f"The role with name {role} cannot be found.")
        return {"Role": {"Arn": f"{ACCOUNT}:role/{role}"}}


def cloudwatch(state, operation, named):
    """Alarms are there once their stack is, and all is well until somebody says otherwise."""
    if operation == "describe-alarms":
        stands = any(name.endswith("-Observe") for name in state["stacks"])
        return {
            "MetricAlarms": [
                {"AlarmName": alarm, "AlarmArn": f"arn:aws:cloudwatch:alarm:{alarm}", "StateValue": state["alarms"].get(alarm, "OK")}
                for alarm in named["alarm-names"]
                if stands
            ]
        }


def s3api(state, operation, named):
    bucket = named["bucket"][0]
    if BUCKETS.get(bucket) != named["region"][0]:
        raise Refused(operation, "PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified endpoint.")
    if operation == "head-object":
        if f"{bucket}/{named['key'][0]}" not in state["objects"]:
            raise Refused("HeadObject", "404", "Not Found")
        return {}
    if operation == "put-object":
        with open(named["body"][0], "rb") as file:
            state["objects"][f"{bucket}/{named['key'][0]}"] = file.read().decode("utf-8", "replace")
        return {}
    if operation == "list-object-versions":
        keys = [key.split("/", 1)[1] for key in state["objects"] if key.startswith(f"{bucket}/")]
        return {"Versions": [{"Key": key, "VersionId": "1"} for key in keys]} if keys else None
    if operation == "delete-objects":
        for one in json.loads(read_file(named["delete"][0]))["Objects"]:
            del state["objects"][f"{bucket}/{one['Key']}"]
        return {}


def rds(state, operation, named):
    if operation == "describe-db-snapshots":
        database = named["db-instance-identifier"][0]
        return {"DBSnapshots": [{"DBSnapshotIdentifier": name} for name, of in state["snapshots"].items() if of == database]}
    name = named["db-instance-identifier"][0]
    database = state["databases"].get(name)
    if database is None:
        raise Refused(operation, "DBInstanceNotFound", f"DBInstance {name} not found.")
    if operation == "describe-db-instances":
        return {"DBInstances": [{"DBInstanceIdentifier": name, **({"ReadReplicaSourceDBInstanceIdentifier": "primary"} if database["source"] else {})}]}
    if operation == "modify-db-instance":
        database["protected"] = "no-deletion-protection" not in named
        return {}
    if operation == "delete-db-instance":
        if database["protected"]:
            raise Refused("DeleteDBInstance", "InvalidParameterCombination", "Cannot delete protected DB Instance, please disable deletion protection and try again.")
        last = named.get("final-db-snapshot-identifier")
        if (last is None) == ("skip-final-snapshot" not in named):
            raise Refused("DeleteDBInstance", "InvalidParameterCombination", "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
        if last is not None and database["source"]:
            raise Refused("DeleteDBInstance", "InvalidParameterCombination", "Cannot create a final snapshot of a read replica")
        if last is not None:
            state["snapshots"][last[0]] = name
        del state["databases"][name]
        return {}


def elbv2(state, operation, named):
    if operation == "modify-load-balancer-attributes":
        state["balancers"][named["load-balancer-arn"][0]] = named["attributes"] != ["Key=deletion_protection.enabled,Value=false"]
        return {}


def elasticache(state, operation, named):
    if operation == "describe-snapshots":
        group = named["replication-group-id"][0]
        return {"Snapshots": [{"SnapshotName": name} for name, of in state["snapshots"].items() if of == group]}


def sts(state, operation, named):
    if operation == "get-caller-identity":
        return {"Account": "123456789012", "Arn": f"{ACCOUNT}:user/somebody"}


SERVICES = {one.__name__: one for one in (iam, cloudwatch, s3api, rds, elbv2, elasticache, sts)} | {"cloudformation": fake_stacks.answer}
# They answer with nothing when all is well.
SILENT = ("delete-stack", "execute-change-set", "continue-update-rollback", "list-object-versions")


def main():
    state = load()
    service, operation = sys.argv[1], sys.argv[2]
    named = options(sys.argv[3:])
    if named.pop("output") != ["json"] or os.environ.get("AWS_PAGER") != "":
        sys.exit("fake: without --output json it may answer in tables, and with a pager never")
    with open(os.path.join(HERE, "calls"), "a") as file:
        file.write(f"{service} {operation}\n")
    refused = None
    try:
        said = SERVICES[service](state, operation, named)
    except Refused as e:
        said, refused = None, e
    if said is None and refused is None and operation not in SILENT:
        sys.exit(f"fake: {service} {operation} is not known here")
    with open(STATE, "w") as file:
        json.dump(state, file)
    if refused is not None:
        print(refused, file=sys.stderr)
        sys.exit(254)
    if said is not None:
        print(json.dumps(said))


main()
