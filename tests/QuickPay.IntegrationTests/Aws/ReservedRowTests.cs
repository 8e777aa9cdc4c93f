using QuickPay.Cli.Aws;
using QuickPay.Cli.Aws.Checks;

namespace QuickPay.IntegrationTests.Aws;

/// <summary>D4: what cannot be made anew is ended by an administrator alone, whatever a template says.</summary>
[Collection(nameof(AwsTemplates))]
public sealed class ReservedRowTests(AwsTemplates templates)
{
    [Theory]
    [InlineData("backup:DeleteBackupVault", "*")]
    [InlineData("backup:DeleteRecoveryPoint", "*")]
    [InlineData("cloudtrail:DeleteTrail", "*")]
    [InlineData("cloudtrail:StopLogging", "*")]
    [InlineData("kms:DisableKey", "*")]
    [InlineData("kms:PutKeyPolicy", "*")]
    [InlineData("kms:ScheduleKeyDeletion", "*")]
    [InlineData("logs:DeleteLogGroup", "arn:aws:logs:*:{AWS::AccountId}:log-group:/quickpay/prod/cloudtrail*")]
    [InlineData("logs:DeleteLogGroup", "arn:aws:logs:*:{AWS::AccountId}:log-group:/aws/rds/instance/quickpay-prod*")]
    [InlineData("rds:DeleteDBInstance", "arn:aws:rds:*:{AWS::AccountId}:db:quickpay-prod")]
    [InlineData("rds:DeleteDBInstance", "arn:aws:rds:*:{AWS::AccountId}:db:quickpay-prod-elsewhere")]
    [InlineData("rds:DeleteDBSnapshot", "*")]
    [InlineData("rds:PromoteReadReplica", "*")]
    [InlineData("cloudtrail:UpdateTrail", "*")]
    [InlineData("s3:BypassGovernanceRetention", "*")]
    [InlineData("s3:DeleteBucket", "*")]
    [InlineData("s3:DeleteObjectVersion", "*")]
    [InlineData("secretsmanager:DeleteSecret", "*")]
    public void D4_CloudFormations_role_is_refused(string action, string on)
    {
        var refused = Assert.Single(
            Refused(templates.Prod),
            statement => statement.Actions.Contains(action) && statement.Resources.Any(one => templates.Prod.Text(statement.Of, one) == on)
        );

        // Until an administrator tags the role; one without the tag is refused, too.
        Assert.Equal("yes", refused.Condition.At("StringNotEquals", "aws:PrincipalTag/quickpay:may-delete").GetString());
    }

    [Fact]
    public void D4_it_cannot_lift_that_itself_and_who_deploys_cannot_either()
    {
        var itself = Statements(templates.Prod).Single(statement => statement.Name == "NotWhoDeploys");

        Assert.False(itself.Allows);
        Assert.Equal(["iam:*"], itself.Actions);
        Assert.Equal(
            ["approver", "cloudformation", "deployer", "developer"],
            itself.Resources.Select(role => templates.Prod.Text(itself.Of, role).Split('-')[^1]).Order(StringComparer.Ordinal)
        );
        Assert.DoesNotContain(new Rows(templates.Prod).Allowed("quickpay-prod-deployer"), may => may.Action is "iam:TagRole" or "iam:*");
    }

    [Fact]
    public void D4_what_is_thrown_away_may_be_thrown_away() => Assert.Empty(Refused(templates.Dev));

    private static IEnumerable<Statement> Refused(Installation installation) =>
        Statements(installation).Where(statement => !statement.Allows && statement.Name != "NotWhoDeploys");

    private static IEnumerable<Statement> Statements(Installation installation) =>
        installation
            .OfType("AWS::IAM::Policy")
            .Where(policy => Boundaries.RolesOf(installation, policy).Any(role => Boundaries.IsCloudFormations(installation, role)))
            .SelectMany(Statement.In);
}
