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

    [Fact]
    public void H1_functions_are_inside_the_network_and_started_every_day()
    {
        var daily = _rows.One("AWS::Events::Rule", "Daily");

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
