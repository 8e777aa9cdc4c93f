namespace QuickPay.Cli.Aws.Checks;

/// <summary>Logs are kept as long as somebody has decided, and no function makes a group of its own, which would stay for ever and without a key.</summary>
internal static class LogsEnd
{
    public static readonly Property Property = new("logs are kept for a time that was decided", Look);

    private static IEnumerable<Look> Look(Installation installation) =>
        installation
            .OfType("AWS::Logs::LogGroup")
            .Select(group => Checks.Look.At(group, group["RetentionInDays"].Number() is > 0, "it is kept for ever: set RetentionInDays"))
            .Concat(
                installation
                    .OfType("AWS::Lambda::Function")
                    .Select(function =>
                        Checks.Look.At(
                            function,
                            HasGroup(installation, function),
                            "it makes a log group of its own, for ever and without a key: give it one by LoggingConfig.LogGroup"
                        )
                    )
            );

    private static bool HasGroup(Installation installation, Resource function) =>
        installation.Find(function, function["LoggingConfig", "LogGroup"], "AWS::Logs::LogGroup") is not null
        || (
            function["FunctionName"].IsThere()
            && installation
                .OfType("AWS::Logs::LogGroup")
                .Any(group => group["LogGroupName"].Is($"/aws/lambda/{installation.Text(function, function["FunctionName"])}"))
        );
}
