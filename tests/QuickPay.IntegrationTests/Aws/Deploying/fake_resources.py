"""What stacks make, as far as one thing is in another's way: names that are taken, databases that say no, and what cannot go before what uses it."""

import fnmatch
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
BUCKET, BUCKET_REGION = "programs-bucket", "ap-northeast-2"
ACCOUNT = "123456789012"
DATABASE, BALANCER, SECRET = "AWS::RDS::DBInstance", "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::SecretsManager::Secret"
# Of which there can be one of a name in a region.
NAMED = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Backup::BackupVault": "BackupVaultName",
    SECRET: "Name",
    DATABASE: "DBInstanceIdentifier",
}
# What CloudFormation calls to delete one, and how policies name it, by region and its own name.
DELETED_BY = {
    "AWS::S3::Bucket": ("s3:DeleteBucket", "arn:aws:s3:::{1}"),
    "AWS::KMS::Key": ("kms:ScheduleKeyDeletion", "arn:aws:kms:{0}:key/{1}"),
    "AWS::Backup::BackupVault": ("backup:DeleteBackupVault", "arn:aws:backup:{0}:backup-vault:{1}"),
    "AWS::CloudTrail::Trail": ("cloudtrail:DeleteTrail", "arn:aws:cloudtrail:{0}:trail/{1}"),
    "AWS::Logs::LogGroup": ("logs:DeleteLogGroup", "arn:aws:logs:{0}:log-group:{1}"),
    SECRET: ("secretsmanager:DeleteSecret", "arn:aws:secretsmanager:{0}:secret:{1}"),
    DATABASE: ("rds:DeleteDBInstance", "arn:aws:rds:{0}:db:{1}"),
}
OF_DATABASES = ("AWS::RDS::DBSubnetGroup", "AWS::RDS::DBParameterGroup")
OF_NETWORKS = ("AWS::EC2::Subnet", "AWS::EC2::SecurityGroup")


def fixed_name(one):
    return text_of(one.get("Properties", {}).get(NAMED.get(one["Type"], "")))


def text_of(value):
    """What a template says in words, with the account filled in; None where it refers to something else."""
    if isinstance(value, dict) and "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        texts = [ACCOUNT if part == {"Ref": "AWS::AccountId"} else text_of(part) for part in parts]
        return None if None in texts else separator.join(texts)
    return value if isinstance(value, str) else None


def physical(stack, stack_name, key, one):
    if one["Type"] == "AWS::S3::Bucket":
        return fixed_name(one) or BUCKET
    if one["Type"] == BALANCER:
        return f"arn:aws:elasticloadbalancing:{stack_name.lower()}-{key.lower()}"
    name = fixed_name(one)
    if one["Type"] == SECRET and name is not None:
        return f"arn:aws:secretsmanager:{stack['region']}:{ACCOUNT}:secret:{name}-AbCdEf"
    return name or f"{stack_name.lower()}-{key.lower()}"


def inside(value, function):
    """All that a template says by one of its functions, anywhere in a value."""
    if isinstance(value, list):
        return [found for one in value for found in inside(one, function)]
    if not isinstance(value, dict):
        return []
    found = [found for one in value.values() for found in inside(one, function)]
    return found + ([value[function]] if isinstance(value.get(function), str) else [])


def standing(stack):
    """Those that are not gone. Databases before what they use."""
    resources = [(key, one) for key, one in stack["template"]["Resources"].items() if stack.get("gone", {}).get(key) not in ("DELETE_COMPLETE", "DELETE_SKIPPED")]
    return sorted(resources, key=lambda resource: resource[1]["Type"] in OF_DATABASES + OF_NETWORKS)


def make(state, name, stack):
    """Returns the first that cannot be made, and why."""
    for key, one in stack["template"]["Resources"].items():
        properties, where = one.get("Properties", {}), physical(stack, name, key, one)
        if fixed_name(one) is not None:
            owner = state["named"].setdefault(f"{one['Type']}|{stack['region']}|{fixed_name(one)}", f"{name}/{key}")
            if owner != f"{name}/{key}":
                return key, f"Resource of type '{one['Type']}' with identifier '{fixed_name(one)}' already exists."
        if one["Type"] == DATABASE and where not in state["databases"]:
            state["databases"][where] = {
                "protected": properties.get("DeletionProtection", False),
                "source": properties.get("SourceDBInstanceIdentifier"),
                "region": stack["region"],
                "uses": used_by(stack, name, properties),
            }
        if one["Type"] == BALANCER:
            attributes = {one["Key"]: one["Value"] for one in properties.get("LoadBalancerAttributes", [])}
            state["balancers"].setdefault(where, attributes.get("deletion_protection.enabled") == "true")
        if one["Type"] == SECRET:
            replicas = [replica["Region"] for replica in properties.get("ReplicaRegions", [])]
            state["secrets"].setdefault(where, {"name": fixed_name(one), "region": stack["region"], "replicas": replicas, "looked": 0})
        if "RoleName" in properties and properties["RoleName"] not in state["roles"]:
            state["roles"].append(properties["RoleName"])
    return None


def used_by(stack, name, properties):
    """Groups in its own stack, and what other stacks tell of their network, also by way of those groups."""
    resources = stack["template"]["Resources"]
    groups = [key for key in inside(properties, "Ref") if resources.get(key, {}).get("Type") in OF_DATABASES]
    imports = [exported for one in [properties, *(resources[key] for key in groups)] for exported in inside(one, "Fn::ImportValue")]
    return [physical(stack, name, key, resources[key]) for key in groups] + imports


def statements(value):
    """Those that a template has anywhere."""
    if isinstance(value, list):
        return [found for one in value for found in statements(one)]
    if not isinstance(value, dict):
        return []
    if "Effect" in value and "Action" in value:
        return [value]
    return [found for one in value.values() for found in statements(one)]


def listed(value):
    return value if isinstance(value, list) else [value]


def refused_to(state, role, action, resource):
    """Whether a policy says no to a role, by a condition on the role's tags: those that have one are CloudFormation's."""
    tags = state["tags"].get(role.split("/")[-1], {})
    for stack in state["stacks"].values():
        for statement in statements(stack["template"]):
            unless = statement.get("Condition", {}).get("StringNotEquals", {})
            wanted = {name.split("/", 1)[1]: value for name, value in unless.items() if name.startswith("aws:PrincipalTag/")}
            if statement["Effect"] != "Deny" or not wanted or all(tags.get(name) == value for name, value in wanted.items()):
                continue
            on = [text_of(one) for one in listed(statement["Resource"])]
            if action in listed(statement["Action"]) and any(fnmatch.fnmatchcase(resource, one) for one in on):
                return True
    return False


def why_not(state, name, stack, key, one):
    """Why it cannot be deleted."""
    where = physical(stack, name, key, one)
    if stack.get("role") and one["Type"] in DELETED_BY:
        action, form = DELETED_BY[one["Type"]]
        if refused_to(state, stack["role"], action, form.format(f"{stack['region']}:{ACCOUNT}", fixed_name(one) or where)):
            return f"User: {stack['role']} is not authorized to perform: {action} with an explicit deny in an identity-based policy"
    exported = [
        output["Export"]["Name"]
        for output in stack["template"].get("Outputs", {}).values()
        if "Export" in output and key in json.dumps(output["Value"])
    ]
    for database, what in state["databases"].items():
        if one["Type"] in OF_DATABASES and where in what["uses"]:
            return f"Cannot delete it because at least one database instance: {database} is still using it."
        if one["Type"] in OF_NETWORKS and any(export in what["uses"] for export in exported):
            return f"It has a dependent object: {database}"
    if one["Type"] == "AWS::S3::Bucket" and any(key.startswith(f"{where}/") for key in state["objects"]):
        return "The bucket you tried to delete is not empty"
    if one["Type"] == DATABASE and state["databases"].get(where, {}).get("protected"):
        return "Cannot delete protected DB Instance, please disable deletion protection and try again."
    if state["balancers"].get(where):
        return "Load balancer cannot be deleted because deletion protection is enabled"
    return None


def take_down(state, name, stack, is_creation_undone):
    """Returns what could not be deleted, and why; the rest is gone, or kept as its template says."""
    failed, gone = [], stack.setdefault("gone", {})
    for key, one in standing(stack):
        where, policy = physical(stack, name, key, one), one.get("DeletionPolicy", "Delete")
        if policy == "Retain" or (policy == "RetainExceptOnCreate" and not is_creation_undone):
            gone[key] = "DELETE_SKIPPED"
            continue
        why = why_not(state, name, stack, key, one)
        if why is not None:
            gone[key] = "DELETE_FAILED"
            failed.append((key, why))
            continue
        if policy == "Snapshot" and not is_creation_undone:
            state["snapshots"][f"{where}-snapshot"] = where
        gone[key] = "DELETE_COMPLETE"
        forget(state, stack, one, where)
    return failed


def forget(state, stack, one, where):
    state["databases"].pop(where, None)
    state["balancers"].pop(where, None)
    state["secrets"].pop(where, None)
    state["named"].pop(f"{one['Type']}|{stack['region']}|{fixed_name(one)}", None)
    role = one.get("Properties", {}).get("RoleName")
    state["roles"] = [other for other in state["roles"] if other != role]
