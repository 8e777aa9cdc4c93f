using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SNS;
using QuickPay.Aws.Settings;

namespace QuickPay.Aws.Observe;

/// <summary>Where alarms are heard: a topic under a key of ours, and who is told of what comes there.</summary>
internal static class AlarmTopic
{
    /// <param name="stack">Where.</param>
    /// <param name="settings">Part of its name.</param>
    /// <param name="id">Its name, beginning with a capital.</param>
    /// <param name="key">It lies under this one until it has been sent.</param>
    /// <param name="services">Those of AWS that may write to it, in this account.</param>
    public static Topic Add(Stack stack, EnvironmentSettings settings, string id, IKey key, params string[] services)
    {
        var topic = new Topic(
            stack,
            id,
            new TopicProps
            {
                TopicName = $"quickpay-{settings.Name}-{id}".ToLowerInvariant(),
                MasterKey = key,
                EnforceSSL = true,
            }
        );
        topic.AddToResourcePolicy(
            new PolicyStatement(
                new PolicyStatementProps
                {
                    Sid = "Alarms",
                    Principals = [.. services.Select(service => new ServicePrincipal(service))],
                    Actions = ["sns:Publish"],
                    Resources = [topic.TopicArn],
                    Conditions = new Dictionary<string, object>
                    {
                        ["StringEquals"] = new Dictionary<string, object> { ["aws:SourceAccount"] = stack.Account },
                    },
                }
            )
        );
        return topic;
    }

    /// <summary>Asks who is told of every alarm.</summary>
    public static CfnParameter AskForMail(Stack stack) =>
        new(
            stack,
            "AlarmMail",
            new CfnParameterProps { Description = "Who is told of every alarm", AllowedPattern = "^[^@\\s]+@[^@\\s]+$" }
        );

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
