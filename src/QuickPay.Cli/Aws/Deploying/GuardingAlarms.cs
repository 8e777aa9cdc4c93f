using QuickPay.Cli.Local;

namespace QuickPay.Cli.Aws.Deploying;

/// <summary>Alarms that take a new version back. One that is raised already would take it back at once, whatever it is, even the repair.</summary>
/// <param name="environment"><c>dev</c> or <c>prod</c>.</param>
/// <param name="region">Where they are.</param>
/// <param name="aws">AWS's command.</param>
/// <param name="say">Told which do not guard.</param>
internal sealed class GuardingAlarms(string environment, string region, AwsTool aws, Action<string> say)
{
    private static readonly string[] Concerns = ["errors-critical", "response-time-critical", "ready-servers"];

    /// <summary>ARNs of those that can guard now; none before there are any.</summary>
    /// <param name="despite">Whether the raised ones are left out; else they forbid it.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <exception cref="LocalException">One is raised.</exception>
    public async Task<IReadOnlyList<string>> LookAsync(bool despite, CancellationToken cancellationToken)
    {
        var names = Concerns.Select(concern => $"quickpay-{environment}-{concern}");
        var found = await aws.AskAsync(
            region,
            cancellationToken,
            ["cloudwatch", "describe-alarms", "--alarm-types", "MetricAlarm", "--alarm-names", .. names]
        );
        var alarms = found
            .GetProperty("MetricAlarms")
            .EnumerateArray()
            .Select(alarm =>
                (
                    Name: alarm.GetProperty("AlarmName").GetString()!,
                    Arn: alarm.GetProperty("AlarmArn").GetString()!,
                    IsRaised: alarm.GetProperty("StateValue").GetString() == "ALARM"
                )
            )
            .ToList();
        var raised = string.Join(", ", alarms.Where(alarm => alarm.IsRaised).Select(alarm => alarm.Name));
        if (raised.Length > 0 && !despite)
        {
            throw new LocalException(
                $"Raised: {raised}. CloudFormation would take back whatever is deployed now, so the servers were left as they are. Wait until it is "
                    + "over; or, if this deployment is to end it, add --despite-alarms: then only those that are not raised take it back."
            );
        }
        if (raised.Length > 0)
        {
            say($"Raised, so they take nothing back: {raised}");
        }
        return [.. alarms.Where(alarm => !alarm.IsRaised).Select(alarm => alarm.Arn)];
    }
}
