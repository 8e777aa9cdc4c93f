# Two steps of the promotion, run by Systems Manager. Before the second region becomes the first: members' name leads to the first region no more, also when
# that is well again, and nobody gets into its database. Of a region that nobody reaches it is said that it could not be told. One that answers and
# refuses may be alive: that is tried again for some minutes, and then a person decides, since going on would leave two ledgers. Afterwards, what was not
# shut out is tried again.
import json
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

# Of the five minutes, a region that does not answer may take half of one.
IMPATIENT = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2})

# All else, also an answer that does not come in time, may be a region that is alive.
NOBODY_THERE = (ConnectTimeoutError, EndpointConnectionError)
TRIES_UNTIL_LOST = 3


def fence(events, context):
    done = shut(events, seconds=300, pause=10)
    subject = "The first region may be alive and is NOT shut out" if done["Verdict"] == "ask" else "The second region becomes the first"
    done["Told"] = tell(events, done, subject)
    return done


def fence_again(events, context):
    if events["Open"] == "no":
        return {"Name": "before", "Database": "before"}
    done = shut(events, seconds=400, pause=30, is_late=True)
    if done["Open"] == "no":
        tell(events, done, "The first region is shut out now")
        return done
    tell(events, done, "The first region is NOT shut out: close its database by hand")
    raise Exception(f"the first region is not shut out. Members' name: {done['Name']}; the database: {done['Database']}")


def shut(events, seconds, pause, is_late=False):
    was = {"Rules": {}, "IsThere": False, "At": 0}
    end = time.monotonic() + seconds
    name = (False, "not tried")
    database = (True, "before") if is_late and events["Verdict"] == "done" else (False, "not tried")
    tries = 0
    while True:
        tries += 1
        name = name if name[0] else tried(fence_name, events, {})
        database = database if database[0] else tried(fence_database, events, was)
        is_over = time.monotonic() >= end
        if name[0] and database[0]:
            verdict = "done"
        elif database[0] and tries >= TRIES_UNTIL_LOST and not is_late:
            # There is one ledger; where members' name leads when the region is well again can be mended later.
            verdict = "done"
        elif name[0] and not was["IsThere"] and tries >= TRIES_UNTIL_LOST and not is_late:
            verdict = "lost"
        elif is_over:
            verdict = "ask"
        else:
            time.sleep(pause)
            continue
        return {
            "Verdict": verdict,
            "Open": "no" if name[0] and database[0] else "yes",
            "Name": name[1],
            "Database": database[1],
            "Rules": json.dumps(was["Rules"]),
            "At": str(was["At"]),
        }


def tried(step, events, was):
    try:
        return True, step(events, was)
    except Exception as e:
        said = f"NOT DONE: {type(e).__name__}: {e}"[:500]
        print(said)
        return False, said


def asked(was, call, **arguments):
    try:
        answer = call(**arguments)
    except NOBODY_THERE:
        raise
    except Exception:
        was["IsThere"] = True
        raise
    was["IsThere"] = True
    return answer


def fence_name(events, was):
    route53 = boto3.client("route53", config=IMPATIENT)
    name = events["Domain"].lower()
    found = route53.list_resource_record_sets(HostedZoneId=events["Zone"], StartRecordName=name, StartRecordType="A")
    for record in found["ResourceRecordSets"]:
        if record["Name"].rstrip(".") == name and record.get("Failover") == "PRIMARY":
            # One that is off counts as healthy, and inverted as not: until a person switches it on.
            route53.update_health_check(HealthCheckId=record["HealthCheckId"], Disabled=True, Inverted=True)
            return f"fenced by the health check {record['HealthCheckId']}"
    raise Exception(f"{name} has no primary record")


def fence_database(events, was):
    rds = boto3.client("rds", region_name=events["FirstRegion"], config=IMPATIENT)
    ec2 = boto3.client("ec2", region_name=events["FirstRegion"], config=IMPATIENT)
    database = asked(was, rds.describe_db_instances, DBInstanceIdentifier=events["FirstDatabase"])["DBInstances"][0]
    groups = [group["VpcSecurityGroupId"] for group in database["VpcSecurityGroups"]]
    for group in asked(was, ec2.describe_security_groups, GroupIds=groups)["SecurityGroups"]:
        if group["IpPermissions"]:
            keep(was["Rules"], group)
            revoke(was, ec2, group)
    try:
        # A security group lets go of nobody who is connected already.
        asked(was, rds.reboot_db_instance, DBInstanceIdentifier=events["FirstDatabase"])
    except Exception as e:
        raise Exception(f"nobody new gets in, but who was connected still is: {type(e).__name__}: {e}") from e
    was["At"] = int(time.time())
    return "fenced"


def keep(rules, group):
    known = rules.setdefault(group["GroupId"], [])
    known.extend(way for way in group["IpPermissions"] if way not in known)
    # Before they are gone: whatever becomes of this step, its log says how the database is opened again.
    print(f"let in were {json.dumps(rules)}")


def revoke(was, ec2, group):
    try:
        asked(was, ec2.revoke_security_group_ingress, GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
    except ClientError as e:
        # An earlier try got through and was not answered in time.
        if e.response["Error"]["Code"] != "InvalidPermission.NotFound":
            raise


def tell(events, done, subject):
    message = [f"Members' name: {done['Name']}", f"The first region's database: {done['Database']}", f"Let in were: {done['Rules']}"]
    if done["Open"] == "yes":
        message.append("What is NOT DONE is tried for an hour after the promotion, not before. If this run ends as Failed, nobody tries any more.")
    try:
        boto3.client("sns", config=IMPATIENT).publish(TopicArn=events["Topic"], Subject=subject, Message="\n".join(message))
    except Exception as e:
        return f"NOT TOLD: {type(e).__name__}: {e}"
    return "told"
