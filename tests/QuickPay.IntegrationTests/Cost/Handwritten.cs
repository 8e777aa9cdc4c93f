using System.Text.Json.Nodes;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Cost;

namespace QuickPay.IntegrationTests.Cost;

/// <summary>Bills of templates that hold no more than a test is about.</summary>
internal static class Handwritten
{
    /// <param name="resources">The inside of <c>Resources</c>.</param>
    public static Templates Template(string resources) =>
        Templates.Of(new Dictionary<string, string> { ["Test"] = $$"""{ "Resources": { {{resources}} } }""" });

    public static Bill Bill(string resources, Volume? volume = null) => Bill(resources, Sizing.For(volume ?? Volume.OfTheCaseStudy));

    public static Bill Bill(string resources, Sizing sizing) =>
        QuickPay.Cli.Cost.Bill.Of(TemplateReader.UsagesOf(Template(resources), sizing, PriceBook.Seoul).Usages, PriceBook.Seoul);

    public static IReadOnlyList<string> Notes(string resources, Sizing sizing) =>
        TemplateReader.UsagesOf(Template(resources), sizing, PriceBook.Seoul).Notes;

    /// <summary>How much of something is billed; 0 when nothing is.</summary>
    public static decimal Quantity(this Bill bill, string price) =>
        bill.Items.Where(item => item.Usage.Price == price).Sum(item => item.Usage.Quantity);

    /// <summary>A resource with these properties.</summary>
    public static string Resource(string id, string type, string properties = "{}") =>
        $"\"{id}\": {new JsonObject { ["Type"] = type, ["Properties"] = JsonNode.Parse(properties) }.ToJsonString()}";

    public const string Servers = """
        "Like": { "Type": "AWS::EC2::LaunchTemplate", "Properties": { "LaunchTemplateData": { "InstanceType": "t3.medium",
          "Monitoring": { "Enabled": true },
          "BlockDeviceMappings": [ { "Ebs": { "VolumeType": "gp3", "VolumeSize": 20 } } ] } } },
        "Api": { "Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": { "MinSize": "3", "MaxSize": "10",
          "LaunchTemplate": { "LaunchTemplateId": { "Ref": "Like" } } } },
        "More": { "Type": "AWS::AutoScaling::ScalingPolicy", "Properties": { "AutoScalingGroupName": { "Ref": "Api" } } },
        "Worker": { "Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": { "MinSize": "2", "MaxSize": "3",
          "LaunchTemplate": { "LaunchTemplateId": { "Ref": "Like" } }, "Tags": [ { "Key": "Name", "Value": "Worker" } ] } }
        """;

    public static string Database(string more = "") =>
        $$"""
            "Primary": { "Type": "AWS::RDS::DBInstance", "Properties": { "Engine": "postgres", "DBInstanceClass": "db.r5.large",
              "StorageType": "gp3", "AllocatedStorage": "500", "BackupRetentionPeriod": 7, "MultiAZ": true {{more}} } }
            """;
}
