"""What stacks make, as far as one thing is in another's way: names that are taken, databases that say no, and what cannot go before what uses it."""

import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
BUCKET, BUCKET_REGION = "programs-bucket", "ap-northeast-2"
ACCOUNT = "123456789012"
DATABASE, BALANCER, SECRET = "AWS::RDS::DBInstance", "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::SecretsManager::Secret"
# Of which there can be one of a name in a region.
NAMED = {
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Backup::BackupVault": "BackupVaultName",
    SECRET: "Name",
    DATABASE: "DBInstanceIdentifier",
}
OF_DATABASES = ("AWS::RDS::DBSubnetGroup", "AWS::RDS::DBParameterGroup")
OF_NETWORKS = ("AWS::EC2::Subnet", "AWS::EC2::SecurityGroup")


def fixed_name(one):
    name = one.get("Properties", {}).get(NAMED.get(one["Type"], ""))
    return name if isinstance(name, str) else None


def physical(stack, stack_name, key, one):
    if one["Type"] == "AWS::S3::Bucket":
        return BUCKET
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


def why_not(state, name, stack, key, one):
    """Why it cannot be deleted."""
    where = physical(stack, name, key, one)
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
    if one["Type"] == "AWS::S3::Bucket" and state["objects"]:
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
