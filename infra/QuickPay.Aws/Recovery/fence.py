# A step of the promotion, run by Systems Manager, before the second region becomes the first: members' name leads to the first region no more, also when
# that is well again, and nobody gets into its database. A region that is lost cannot be told; then it goes on, and says so.
import json

import boto3
from botocore.config import Config

# Of the five minutes, a region that does not answer may take half of one.
IMPATIENT = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2})


def fence(events, context):
    done = {"Name": tried(fence_name, events), "Database": tried(fence_database, events)}
    done["Told"] = tried(tell, {**events, **done})
    return done


def tried(step, events):
    try:
        return step(events)
    except Exception as e:
        return f"NOT DONE: {type(e).__name__}: {e}"


def fence_name(events):
    route53 = boto3.client("route53", config=IMPATIENT)
    name = events["Domain"].lower()
    found = route53.list_resource_record_sets(HostedZoneId=events["Zone"], StartRecordName=name, StartRecordType="A")
    for record in found["ResourceRecordSets"]:
        if record["Name"].rstrip(".") == name and record.get("Failover") == "PRIMARY":
            # One that is off counts as healthy, and inverted as not: until a person switches it on.
            route53.update_health_check(HealthCheckId=record["HealthCheckId"], Disabled=True, Inverted=True)
            return f"fenced by the health check {record['HealthCheckId']}"
    raise Exception(f"{name} has no primary record")


def fence_database(events):
    rds = boto3.client("rds", region_name=events["FirstRegion"], config=IMPATIENT)
    ec2 = boto3.client("ec2", region_name=events["FirstRegion"], config=IMPATIENT)
    database = rds.describe_db_instances(DBInstanceIdentifier=events["FirstDatabase"])["DBInstances"][0]
    groups = [group["VpcSecurityGroupId"] for group in database["VpcSecurityGroups"]]
    were = {
        group["GroupId"]: group["IpPermissions"]
        for group in ec2.describe_security_groups(GroupIds=groups)["SecurityGroups"]
        if group["IpPermissions"]
    }
    for group, ways in were.items():
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=ways)
    try:
        # A security group lets go of nobody who is connected already.
        rds.reboot_db_instance(DBInstanceIdentifier=events["FirstDatabase"])
    except Exception as e:
        raise Exception(f"nobody new gets in, but who was connected still is: {e}. Let in were {json.dumps(were)}") from e
    return f"fenced; let in were {json.dumps(were)}"


def tell(events):
    boto3.client("sns", config=IMPATIENT).publish(
        TopicArn=events["Topic"],
        Subject="The second region becomes the first",
        Message=f"Members' name: {events['Name']}\nThe first region's database: {events['Database']}",
    )
    return "told"
