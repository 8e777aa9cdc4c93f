# A step of the promotion, run by Systems Manager directly before the first region is shut out: a question may have been answered hours after it was asked.
# The run ends here when the second region has a primary already, or when the alarm that started it is no longer raised.
import boto3
from botocore.config import Config

IMPATIENT = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 3})


def check(events, context):
    replica = boto3.client("rds", config=IMPATIENT).describe_db_instances(DBInstanceIdentifier=events["Replica"])["DBInstances"][0]
    if not replica.get("ReadReplicaSourceDBInstanceIdentifier"):
        raise Exception(f"{events['Replica']} is nobody's replica any more. Nothing was shut out.")
    alarm = events["Alarm"]
    if alarm == "none":
        return {"Go": "yes", "Alarm": "started by hand"}
    name = f"{events['Prefix']}-{alarm}"
    try:
        found = boto3.client("cloudwatch", region_name=events["Watch"], config=IMPATIENT).describe_alarms(AlarmNames=[name])["MetricAlarms"]
    except Exception as e:
        # That nobody knows is no reason to wait once a person has said so.
        return {"Go": "yes" if events["Worded"] == "yes" else "ask", "Alarm": f"{name} cannot be read: {type(e).__name__}: {e}"[:500]}
    state = found[0]["StateValue"] if found else "not there"
    if state != "ALARM":
        raise Exception(f"{name} is {state}: the first region is back, or this question is old. Nothing was shut out.")
    return {"Go": "yes", "Alarm": f"{name} is raised"}
