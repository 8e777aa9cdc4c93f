using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>H1 and D4: the statistics function, which only reads.</summary>
[Collection(nameof(AwsTemplates))]
public sealed class FunctionRowTests(AwsTemplates templates)
{
    private readonly Rows _rows = new(templates.Prod);

    private Resource Statistics =>
        Assert.Single(_rows.All("AWS::Lambda::Function"), function => _rows.Text(function, "FunctionName") == "quickpay-prod-statistics");

    [Fact]
    public void D4_the_statistics_function_reads_from_the_second_replica_as_the_role_that_can_only_do_that()
    {
        var host = _rows.Text(Statistics, "Environment", "Variables", "Postgres__Hosts");

        Assert.Matches(@"^\{Replica2[0-9A-F]{8}\.Endpoint\.Address\}:5432$", host);
        Assert.Equal("qp_stats", _rows.Text(Statistics, "Environment", "Variables", "Postgres__Username"));
    }

    [Fact]
    public void D4_it_logs_in_as_that_alone_and_writes_nothing_but_logs_and_traces()
    {
        var role = _rows.Behind(Statistics, "Role");
        var allowed = templates
            .Prod.OfType("AWS::IAM::Policy")
            .Where(policy => Boundaries.RolesOf(templates.Prod, policy).Contains(role))
            .SelectMany(Statement.In)
            .ToList();

        Assert.Equal(
            ["ec2", "kms", "logs", "rds-db", "xray"],
            allowed
                .SelectMany(statement => statement.Actions)
                .Select(action => action.Split(':')[0])
                .Distinct()
                .Order(StringComparer.Ordinal)
        );
        // A function inside a network makes its way in by itself.
        Assert.All(
            allowed.SelectMany(statement => statement.Actions).Where(action => action.StartsWith("ec2:", StringComparison.Ordinal)),
            action => Assert.EndsWith("NetworkInterface", action.TrimEnd('s'), StringComparison.Ordinal)
        );
        var logIn = Assert.Single(allowed, statement => statement.Actions.Contains("rds-db:connect"));
        Assert.Equal(
            "arn:aws:rds-db:ap-northeast-2:{AWS::AccountId}:dbuser:*/qp_stats",
            templates.Prod.Text(logIn.Of, Assert.Single(logIn.Resources))
        );
    }

    [Fact]
    public void D4_the_set_up_logs_in_as_the_owner_and_as_who_migrates()
    {
        var setup = Assert.Single(
            _rows.All("AWS::Lambda::Function"),
            function => _rows.Text(function, "FunctionName") == "quickpay-prod-setup"
        );
        var logIn = Assert.Single(
            templates
                .Prod.OfType("AWS::IAM::Policy")
                .Where(policy => Boundaries.RolesOf(templates.Prod, policy).Contains(_rows.Behind(setup, "Role")))
                .SelectMany(Statement.In),
            statement => statement.Actions.Contains("rds-db:connect")
        );

        Assert.Equal(
            ["qp_migrator", "quickpay_owner"],
            logIn.Resources.Select(resource => templates.Prod.Text(logIn.Of, resource).Split('/')[^1])
        );
    }

    /// <summary>Servers have a month's keys from files that are renewed all the time; the one before and the next one too.</summary>
    [Fact]
    public void D4_the_key_of_tokens_is_replaced_by_a_function_that_may_do_nothing_else()
    {
        var function = Assert.Single(
            _rows.All("AWS::Lambda::Function"),
            one => _rows.Text(one, "FunctionName") == "quickpay-prod-token-key"
        );
        var secret = _rows.One("AWS::SecretsManager::Secret", "TokenKey");
        var may = templates
            .Prod.OfType("AWS::IAM::Policy")
            .Where(policy => Boundaries.RolesOf(templates.Prod, policy).Contains(_rows.Behind(function, "Role")))
            .SelectMany(Statement.In)
            .Where(statement => statement.Actions.Any(action => action.StartsWith("secretsmanager:", StringComparison.Ordinal)))
            .ToList();
        var told = TemplateEnvironment.Of(templates.Prod, "Api");

        Assert.All(
            may,
            statement => Assert.Equal(secret, templates.Prod.Find(statement.Of, Assert.Single(statement.Resources), secret.Type))
        );
        Assert.Equal(
            ["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"],
            may.SelectMany(statement => statement.Actions).Select(action => action.Split(':')[1]).Order(StringComparer.Ordinal)
        );
        Assert.Equal("/run/quickpay/token-key-next,/run/quickpay/token-key-before", told.Variables["Tokens__AlsoBelievedKeyFiles"]);
        Assert.Single(
            told.Secrets.Where(file => file.Key.StartsWith("token-key", StringComparison.Ordinal)).Select(file => file.Value).Distinct()
        );
    }

    /// <summary>Somebody hears of each that nobody waits for, when it has failed at its last attempt too.</summary>
    [Fact]
    public void E2_a_function_that_a_schedule_starts_and_that_fails_is_told_of()
    {
        var started = _rows
            .All("AWS::Events::Rule")
            .Select(rule => templates.Prod.Templates.Find(rule.Stack, rule["Targets"][0].At("Arn")))
            .Where(target => target?.Type == "AWS::Lambda::Function")
            .Select(function => _rows.Text(function!, "FunctionName"))
            .ToList();
        var alarms = _rows.All("AWS::CloudWatch::Alarm").Where(alarm => alarm["Namespace"].Is("AWS/Lambda")).ToList();

        Assert.Equal(["quickpay-prod-statistics", "quickpay-prod-token-key"], started.Order(StringComparer.Ordinal));
        Assert.Equal(
            started.Order(StringComparer.Ordinal),
            alarms.Select(alarm => alarm["Dimensions"][0].At("Value").GetString()!).Order(StringComparer.Ordinal)
        );
        Assert.All(
            alarms,
            alarm =>
            {
                Assert.Equal(("Errors", 3, 3600), (_rows.Text(alarm, "MetricName"), alarm["Threshold"].Number(), alarm["Period"].Number()));
                Assert.Equal(
                    "quickpay-prod-warning",
                    _rows.Text(templates.Prod.Templates.Find(alarm.Stack, Assert.Single(alarm["AlarmActions"].Items()))!, "TopicName")
                );
            }
        );
    }

    [Fact]
    public void H1_functions_are_inside_the_network_and_started_every_day()
    {
        var daily = Assert.Single(_rows.All("AWS::Events::Rule"), rule => rule.Stack == Statistics.Stack);

        Assert.All(
            _rows.All("AWS::Lambda::Function"),
            function =>
                Assert.All(_rows.Subnets(function, "VpcConfig", "SubnetIds"), one => Assert.False(Subnets.IsPublic(templates.Prod, one)))
        );
        Assert.Equal(3, _rows.Subnets(Statistics, "VpcConfig", "SubnetIds").Count);
        Assert.Matches(@"^cron\(\d+ \d+ \* \* \? \*\)$", _rows.Text(daily, "ScheduleExpression"));
        Assert.Equal(Statistics, templates.Prod.Templates.Find(daily.Stack, daily["Targets"][0].At("Arn")));
    }
}
