using QuickPay.Edge.Firewall;

namespace QuickPay.Tests.Edge.Firewall;

public sealed class RawTargetsTests
{
    [Theory]
    [InlineData("/a%3Fb", true)]
    [InlineData("/a%3fb?c", true)]
    [InlineData("/a%253Fb", true)]
    [InlineData("/a%25253fb", true)]
    [InlineData("/%25%3F", true)]
    [InlineData("/a%3", false)]
    [InlineData("/a%25", false)]
    [InlineData("/a%3Eb", false)]
    [InlineData("/a?b=%3F", false)]
    [InlineData("/a3F", false)]
    [InlineData("/", false)]
    [InlineData("", false)]
    public void An_encoded_question_mark_in_the_path_is_found(string target, bool found) =>
        Assert.Equal(found, RawTargets.HidesQuestionMark(target));

    [Theory]
    [InlineData("/v1/accounts?x=://", "/v1/accounts?x=://")]
    [InlineData("https://localhost:8443/v1/accounts?x=1", "/v1/accounts?x=1")]
    [InlineData("https://localhost", "/")]
    [InlineData("https://localhost?x=1", "?x=1")]
    [InlineData("*", "*")]
    public void The_path_of_a_target_for_a_proxy_is_found(string target, string path) => Assert.Equal(path, RawTargets.OriginForm(target));
}
