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
}
