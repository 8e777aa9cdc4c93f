namespace QuickPay.IntegrationTests.Functions;

/// <summary>The check itself, by the example that Amazon publishes.</summary>
public sealed class SignatureTests
{
    [Fact]
    public void The_published_example_has_the_published_signature() =>
        Assert.Equal(
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            Signature.Of(
                "GET",
                "/",
                "Action=ListUsers&Version=2010-05-08",
                [
                    ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
                    ("host", "iam.amazonaws.com"),
                    ("x-amz-date", "20150830T123600Z"),
                ],
                [],
                "20150830T123600Z",
                "20150830/us-east-1/iam/aws4_request",
                "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
            )
        );

    /// <summary>The same for tokens that RDS takes: the example by which Amazon's own libraries check themselves.</summary>
    [Fact]
    public void The_published_token_of_a_database_has_the_published_signature() =>
        Assert.Equal(
            "d1138cdbc0ca63eec012ec0fc6c2267e03642168f5884a7795320d4c18374c61",
            FakeRds.Sign(
                "prod-instance.us-east-1.rds.amazonaws.com:3306",
                "Action=connect&DBUser=someusername&X-Amz-Algorithm=AWS4-HMAC-SHA256"
                    + "&X-Amz-Credential=akid%2F20161107%2Fus-east-1%2Frds-db%2Faws4_request"
                    + "&X-Amz-Date=20161107T173933Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host",
                "20161107T173933Z",
                "20161107/us-east-1/rds-db/aws4_request",
                "skid"
            )
        );
}
