using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SNS;
using QuickPay.Aws.Foundation;

namespace QuickPay.Aws.Observe;

/// <summary>Where alarms are heard: a topic under a key of ours, and who is told of what comes there.</summary>
internal static class AlarmTopic
{
    /// <param name="stack">Where.</param>
    /// <param name="id">In its stack.</param>
    /// <param name="name">As people see it.</param>
    /// <param name="key">It lies under this one until it has been sent.</param>
    /// <param name="services">Those of AWS that may write to it.</param>
    public static Topic Add(Stack stack, string id, string name, IKey key, params string[] services)
    {
        var topic = new Topic(
            stack,
            id,
            new TopicProps
            {
                TopicName = name,
                MasterKey = key,
                EnforceSSL = true,
            }
        );
        foreach (var service in services)
        {
            topic.AddToResourcePolicy(
                new PolicyStatement(
                    new PolicyStatementProps
                    {
                        Sid = service.Split('.')[0].Capital(),
                        Principals = [new ServicePrincipal(service)],
                        Actions = ["sns:Publish"],
                        Resources = [topic.TopicArn],
                        // Of EventBridge's messages no topic learns whose they are: with a condition it would take none.
                        Conditions = service == ServiceKey.Events ? null : ServiceKey.AlarmsOf(stack),
                    }
                )
            );
        }
        return topic;
    }

    /// <summary>Asks who is told of every alarm.</summary>
    public static CfnParameter AskForMail(Stack stack) =>
        new(
            stack,
            "AlarmMail",
            new CfnParameterProps { Description = "Who is told of every alarm", AllowedPattern = "^[^@\\s]+@[^@\\s]+$" }
        );

    /// <summary>Asks for a pager, which need not be, and tells it of what comes to a topic.</summary>
    public static void TellPager(this Topic topic, Stack stack)
    {
        var pager = new CfnParameter(
            stack,
            "PagerUrl",
            new CfnParameterProps
            {
                Description = "Where critical alarms are posted to, https; empty: nowhere",
                AllowedPattern = "^(https://.+)?$",
                Default = "",
                NoEcho = true,
            }
        );
        topic.Tell(stack, "Pager", "https", pager).CfnOptions.Condition = new CfnCondition(
            stack,
            "HasPager",
            new CfnConditionProps { Expression = Fn.ConditionNot(Fn.ConditionEquals(pager.ValueAsString, "")) }
        );
    }

    public static CfnSubscription Tell(this Topic topic, Stack stack, string id, string protocol, CfnParameter endpoint) =>
        new(
            stack,
            id,
            new CfnSubscriptionProps
            {
                TopicArn = topic.TopicArn,
                Protocol = protocol,
                Endpoint = endpoint.ValueAsString,
            }
        );
}
