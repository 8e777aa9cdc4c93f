using System.Text.Json.Nodes;
using QuickPay.Cli.Cost;

namespace QuickPay.IntegrationTests.Cost;

/// <summary>Traces are billed as servers are told to make them.</summary>
public sealed class TraceBillTests
{
    private const string Endpoint = "Tracing__Endpoint=http://127.0.0.1:4318\n";
    private const string Rule = """{ "SamplingRule": { "FixedRate": 0.01 } }""";

    private static readonly string Right = Handwritten.Resource(
        "Role",
        "AWS::IAM::Policy",
        """{ "PolicyDocument": { "Statement": [ { "Action": "xray:PutTraceSegments" } ] } }"""
    );

    private static readonly string Sampling = Handwritten.Resource("Rule", "AWS::XRay::SamplingRule", Rule);

    [Theory]
    [InlineData("0.0067", 3.015)]
    [InlineData("0.02", 9)]
    [InlineData("1", 450)]
    [InlineData("0", 0)]
    public void The_share_in_the_launch_template_says_how_many(string ratio, double millions)
    {
        var servers = Servers($"{Endpoint}Tracing__SampleRatio={ratio}\nRedis__Username=default\n");

        Assert.Equal((decimal)millions, Recorded($"{servers}, {Right}"));
        // They draw themselves.
        Assert.Equal((decimal)millions, Recorded($"{servers}, {Right}, {Sampling}"));
        Assert.Empty(Handwritten.Notes($"{servers}, {Right}", Sizing.For(Volume.OfTheCaseStudy)));
    }

    [Fact]
    public void Those_that_are_told_no_share_do_what_the_program_does_and_the_bill_says_so()
    {
        var resources = $"{Servers(Endpoint)}, {Right}";

        Assert.Equal(4.5m, Recorded(resources));
        Assert.Contains("what they do then, 0.01.", Assert.Single(Handwritten.Notes(resources, Sizing.For(Volume.OfTheCaseStudy))));
    }

    [Fact]
    public void Without_somewhere_to_hand_them_to_there_are_none_unless_a_rule_lets_some_through()
    {
        var servers = Servers("Tracing__Endpoint=\nTracing__SampleRatio=0.5\n");

        Assert.Equal(0, Recorded($"{servers}, {Right}"));
        Assert.Contains(
            "no server is told where to",
            Assert.Single(Handwritten.Notes($"{servers}, {Right}", Sizing.For(Volume.OfTheCaseStudy)))
        );
        Assert.Equal(4.5m, Recorded($"{servers}, {Right}, {Sampling}"));
    }

    [Fact]
    public void Who_may_not_write_them_has_none() => Assert.Equal(0, Recorded(Servers($"{Endpoint}Tracing__SampleRatio=0.5\n")));

    [Theory]
    [InlineData("1.5")]
    [InlineData("many")]
    [InlineData("-0.1")]
    [InlineData("")]
    public void A_share_that_is_none_is_not_guessed(string ratio)
    {
        var wrong = Assert.Throws<UnpricedException>(() => Recorded($"{Servers($"{Endpoint}Tracing__SampleRatio={ratio}\n")}, {Right}"));

        Assert.Equal($"Test/Like (AWS::EC2::LaunchTemplate): Tracing__SampleRatio is no share from 0 to 1: {ratio}.", wrong.Message);
    }

    private static decimal Recorded(string resources) => Handwritten.Bill(resources).Quantity("xray.million-recorded");

    /// <summary>Whose script has these lines.</summary>
    private static string Servers(string lines)
    {
        var script = new JsonObject
        {
            ["Fn::Base64"] = new JsonObject { ["Fn::Join"] = new JsonArray("", new JsonArray("#!/bin/bash\n", lines)) },
        };
        return Handwritten.Servers.Replace(
            """ "InstanceType": "t3.medium", """.Trim(),
            $$""" "UserData": {{script.ToJsonString()}}, "InstanceType": "t3.medium", """,
            StringComparison.Ordinal
        );
    }
}
