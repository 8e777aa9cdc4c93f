"""What a stack's policy refuses to an update, whoever asks for it."""

import fnmatch
import json

from fake_resources import DATABASE, SECRET, listed

# What cannot be changed in what stands, so that another is made.
NEVER_CHANGED = {DATABASE: ("DBInstanceIdentifier", "KmsKeyId", "StorageEncrypted"), SECRET: ("Name",), "AWS::S3::Bucket": ("BucketName",)}


def is_replaced(before, after):
    if before is None or after is None:
        return False
    return any(
        before.get("Properties", {}).get(name) != after.get("Properties", {}).get(name)
        for name in NEVER_CHANGED.get(before["Type"], ())
    )


def refused_by_policy(stack, before, after):
    """Returns the first that may not be changed so, and why. Without a policy everything may."""
    if "policy" not in stack:
        return None
    statements = json.loads(stack["policy"])["Statement"]
    for key, one in before.items():
        if after.get(key) == one:
            continue
        action = "Update:Delete" if key not in after else "Update:Replace" if is_replaced(one, after[key]) else "Update:Modify"
        said = [statement["Effect"] for statement in statements if is_meant(statement, action, key, one["Type"])]
        if "Deny" in said or "Allow" not in said:
            return key, f"Action denied by stack policy: {action} of {key}"
    return None


def is_meant(statement, action, key, type_name):
    types = statement.get("Condition", {}).get("StringEquals", {}).get("ResourceType", [type_name])
    return (
        statement["Principal"] == "*"
        and any(fnmatch.fnmatchcase(action, one) for one in listed(statement["Action"]))
        and any(fnmatch.fnmatchcase(f"LogicalResourceId/{key}", one) or one == "*" for one in listed(statement["Resource"]))
        and type_name in listed(types)
    )
