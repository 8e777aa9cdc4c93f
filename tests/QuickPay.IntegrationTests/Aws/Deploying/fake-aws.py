#!/usr/bin/python3 -SE
"""As much of AWS as a deployment asks for, kept in the folder that this lies in: it refuses what AWS refuses. Each call is noted in `calls`."""

import fnmatch
import json
import os
import sys
import traceback

import fake_stacks
from fake_resources import BUCKET, BUCKET_REGION, HERE
from fake_stacks import Refused, read_file

STATE = os.path.join(HERE, "state.json")
ACCOUNT = "arn:aws:iam::123456789012"


def load():
    state = {kind: {} for kind in ("stacks", "objects", "alarms", "databases", "balancers", "snapshots", "secrets", "named", "tags")}
    state |= {"log": [], "starter": False, "roles": []}
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
    if operation in ("tag-role", "untag-role"):
        role = named["role-name"][0]
        if role not in state["roles"]:
            raise Refused("TagRole", "NoSuchEntity", f"The role with name {role} cannot be found.")
        tags = state["tags"].setdefault(role, {})
        for one in named.get("tags", []):
            key, value = (part.split("=", 1)[1] for part in one.split(","))
            tags[key] = value
        for key in named.get("tag-keys", []):
            tags.pop(key, None)
        return None


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
    if operation == "head-bucket":
        if os.path.exists(os.path.join(HERE, f"bucket-{bucket}")):
            raise Refused("HeadBucket", "403", "Forbidden")
        if bucket not in names(state, "AWS::S3::Bucket", named["region"][0]):
            raise Refused("HeadBucket", "404", "Not Found")
        return {"BucketRegion": named["region"][0]}
    if bucket not in names(state, "AWS::S3::Bucket", named["region"][0]) and (bucket, named["region"][0]) != (BUCKET, BUCKET_REGION):
        raise Refused(operation, "PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified endpoint.")
    if operation == "head-object":
        if f"{bucket}/{named['key'][0]}" not in state["objects"]:
            raise Refused("HeadObject", "404", "Not Found")
        return {}
    if operation == "put-object":
        # Nobody reads real programs back, and each call reads and writes all that is kept here.
        is_small = os.path.getsize(named["body"][0]) < 1_000_000
        with open(named["body"][0], "rb") as file:
            state["objects"][f"{bucket}/{named['key'][0]}"] = file.read().decode("utf-8", "replace") if is_small else "large"
        return {}
    if operation == "list-object-versions":
        keys = [key.split("/", 1)[1] for key in state["objects"] if key.startswith(f"{bucket}/")]
        return {"Versions": [{"Key": key, "VersionId": "1"} for key in keys]} if keys else None
    if operation == "delete-objects":
        for one in json.loads(read_file(named["delete"][0]))["Objects"]:
            del state["objects"][f"{bucket}/{one['Key']}"]
        return {}


def go_on(state, database, name):
    """What is under way has come to its end by the next call."""
    if database.get("status") == "creating":
        database["status"] = "available"
    if database.get("status") == "deleting":
        del state["databases"][name]
        state["named"].pop(f"AWS::RDS::DBInstance|{database['region']}|{name}", None)


def rds(state, operation, named):
    if operation == "describe-db-instances" and "db-instance-identifier" not in named:
        return {"DBInstances": [{"DBInstanceIdentifier": name} for name, one in state["databases"].items() if one["region"] == named["region"][0]]}
    if operation == "describe-db-snapshots":
        database = named["db-instance-identifier"][0]
        return {"DBSnapshots": [{"DBSnapshotIdentifier": name} for name, of in state["snapshots"].items() if of == database]}
    name = named["db-instance-identifier"][0]
    database = state["databases"].get(name)
    if database is None:
        raise Refused(operation, "DBInstanceNotFound", f"DBInstance {name} not found.")
    if operation == "describe-db-instances":
        answer = {"DBInstances": [{"DBInstanceIdentifier": name, "DBInstanceStatus": database.get("status", "available"), **({"ReadReplicaSourceDBInstanceIdentifier": "primary"} if database["source"] else {})}]}
        go_on(state, database, name)
        return answer
    if database.get("status", "available") != "available":
        go_on(state, database, name)
        raise Refused(operation, "InvalidDBInstanceState", f"Instance {name} is not in available state.")
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
        if last is not None and last[0] in state["snapshots"]:
            raise Refused("DeleteDBInstance", "DBSnapshotAlreadyExists", f"Cannot create the snapshot because a snapshot with the identifier {last[0]} already exists.")
        if last is not None:
            state["snapshots"][last[0]] = name
        database["status"] = "deleting"
        return {}


def elbv2(state, operation, named):
    if operation == "modify-load-balancer-attributes":
        state["balancers"][named["load-balancer-arn"][0]] = named["attributes"] != ["Key=deletion_protection.enabled,Value=false"]
        return {}


def elasticache(state, operation, named):
    if operation == "describe-snapshots":
        group = named["replication-group-id"][0]
        return {"Snapshots": [{"SnapshotName": name} for name, of in state["snapshots"].items() if of == group]}


def names(state, type_name, region):
    found = (key.split("|") for key in state["named"])
    return [name for of, where, name in found if of == type_name and where == region]


def logs(state, operation, named):
    if operation == "describe-log-groups":
        return {"logGroups": [{"logGroupName": name} for name in names(state, "AWS::Logs::LogGroup", named["region"][0])]}


def kms(state, operation, named):
    if operation == "list-aliases":
        return {"Aliases": [{"AliasName": name} for name in ["alias/aws/s3", *names(state, "AWS::KMS::Alias", named["region"][0])]]}


def backup(state, operation, named):
    if operation == "list-backup-vaults":
        return {"BackupVaultList": [{"BackupVaultName": name} for name in names(state, "AWS::Backup::BackupVault", named["region"][0])]}


def secretsmanager(state, operation, named):
    if operation == "describe-secret":
        wanted, region = named["secret-id"][0], named["region"][0]
        secret = next((one for arn, one in state["secrets"].items() if wanted in (arn, one["name"]) and one["region"] == region), None)
        if secret is None:
            raise Refused("DescribeSecret", "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        secret["looked"] += 1
        return {
            "Name": secret["name"],
            **({"DeletedDate": "2026-12-01T00:00:00+00:00"} if secret.get("deleted") else {}),
            "ReplicationStatus": [{"Region": replica, **copy_of(secret, replica)} for replica in secret["replicas"]],
        }


def copy_of(secret, replica):
    said = secret.get("copies", {}).get(replica)
    if said is not None:
        return said
    return {"Status": "InProgress" if secret["looked"] == 1 and not fake_stacks.is_quick() else "InSync"}


def sts(state, operation, named):
    if operation == "get-caller-identity":
        return {"Account": "123456789012", "Arn": f"{ACCOUNT}:user/somebody"}


SERVICES = {one.__name__: one for one in (iam, cloudwatch, s3api, rds, elbv2, elasticache, sts, logs, kms, backup, secretsmanager)} | {"cloudformation": fake_stacks.answer}
# They answer with nothing when all is well.
SILENT = ("tag-role", "untag-role", "delete-stack", "execute-change-set", "continue-update-rollback", "list-object-versions", "set-stack-policy", "get-stack-policy")


def check_rights(service, operation, named):
    """A file says what the caller may not, a line each: `cloudformation delete-stack QuickPay-dev-Data`."""
    call = f"{service} {operation} {(named.get('stack-name') or [''])[0]}".strip()
    with open(os.path.join(HERE, "calls"), "a") as file:
        file.write(f"{call}\n")
    denied = os.path.join(HERE, "denied")
    if os.path.exists(denied):
        with open(denied) as file:
            if any(fnmatch.fnmatchcase(call, line.strip()) for line in file):
                raise Refused(operation, "AccessDenied", f"User: {ACCOUNT}:user/somebody is not authorized to perform: {service}:{operation}")


def lost(service, operation):
    """A file says of which call the answer is lost, and what the command says instead; None: of another."""
    path = os.path.join(HERE, "lost")
    if not os.path.exists(path):
        return None
    with open(path) as file:
        call, said = file.read().split("\n", 1)
    return said.strip() if call == f"{service} {operation}" else None


def answer(arguments):
    """Exit code, standard output and standard error of one call."""
    state = load()
    service, operation = arguments[:2]
    named = options(arguments[2:])
    if named.pop("output") != ["json"]:
        sys.exit("fake: without --output json it may answer in tables")
    refused = None
    try:
        check_rights(service, operation, named)
        said = SERVICES[service](state, operation, named)
    except Refused as e:
        said, refused = None, e
    if said is None and refused is None and operation not in SILENT:
        sys.exit(f"fake: {service} {operation} is not known here")
    with open(STATE, "w") as file:
        # Many times faster than writing piece by piece.
        file.write(json.dumps(state))
    instead = lost(service, operation)
    if instead is not None:
        return 255, "", instead
    if refused is not None:
        return 254, "", str(refused)
    return 0, "" if said is None else json.dumps(said), ""


def answer_many():
    """A call a line, one after the other: starting Python costs far more than an answer does."""
    for line in sys.stdin:
        try:
            said = answer(json.loads(line))
        except SystemExit as e:
            said = (1, "", e.code)
        except Exception:
            said = (1, "", traceback.format_exc())
        print(json.dumps(said), flush=True)


def main():
    if sys.argv[1:] == ["--many"]:
        return answer_many()
    if os.environ.get("AWS_PAGER") != "":
        sys.exit("fake: with a pager it may never end")
    code, output, errors = answer(sys.argv[1:])
    print(output, end="")
    print(errors, end="", file=sys.stderr)
    sys.exit(code)


main()
