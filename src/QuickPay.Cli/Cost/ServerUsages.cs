using System.Text.Json;
using QuickPay.Cli.Aws;
using QuickPay.Cli.Local;

namespace QuickPay.Cli.Cost;

/// <summary>What computes: servers, functions, state machines.</summary>
internal static class ServerUsages
{
    public static readonly IReadOnlyDictionary<string, Func<TemplateReader, Resource, IEnumerable<Usage>>> Readers = new Dictionary<
        string,
        Func<TemplateReader, Resource, IEnumerable<Usage>>
    >
    {
        ["AWS::AutoScaling::AutoScalingGroup"] = Group,
        ["AWS::Lambda::Function"] = Function,
        ["AWS::StepFunctions::StateMachine"] = (_, _) =>
            [
                new(
                    Groups.Other,
                    "steps of state machines",
                    "stepfunctions.thousand-transitions",
                    Assumptions.StateTransitions.Value / 1_000
                ),
            ],
    };

    /// <summary>How many servers all groups of the first region have together.</summary>
    public static decimal CountOf(TemplateReader reader) =>
        reader
            .Templates.OfType("AWS::AutoScaling::AutoScalingGroup")
            .Where(group => !SecondRegion.Has(group))
            .Sum(group => ServersIn(reader, group));

    private static IEnumerable<Usage> Group(TemplateReader reader, Resource group)
    {
        TemplateReader.Refuse(group, group["MixedInstancesPolicy"].ValueKind != JsonValueKind.Undefined, "it mixes types of instances");
        var template =
            reader.Templates.Find(group.Stack, group["LaunchTemplate", "LaunchTemplateId"])
            ?? throw new UnpricedException($"{group}: no launch template of ours.");
        var servers = ServersIn(reader, group);
        var always = TemplateReader.Number(group, 0, "MinSize");
        var item = IsScaled(reader, group) ? Items.ApiServers : $"other servers ({NameOf(group)})";
        var type = reader.Text(template, "LaunchTemplateData", "InstanceType");
        yield return new(Groups.Ec2, item, $"ec2.{type}", servers * TemplateReader.Hours, Math.Min(servers, always) * TemplateReader.Hours);
        TemplateReader.Refuse(
            template,
            TemplateReader.Count(template, "LaunchTemplateData", "BlockDeviceMappings") == 0,
            "disks of sizes that only its image says"
        );
        foreach (var disk in TemplateReader.Each(template, "LaunchTemplateData", "BlockDeviceMappings"))
        {
            // What is no volume comes with the instance, or is taken away from it.
            if (!disk.TryGetProperty("Ebs", out var volume))
                continue;
            var hasSize = volume.TryGetProperty("VolumeSize", out var size) && size.ValueKind == JsonValueKind.Number;
            TemplateReader.Refuse(template, !hasSize, "a disk of a size that it does not say");
            TemplateReader.Refuse(
                template,
                volume.TryGetProperty("Iops", out _) || volume.TryGetProperty("Throughput", out _),
                "a disk of more than its base speed"
            );
            var kind = volume.TryGetProperty("VolumeType", out var named) ? named.GetString() : "gp2";
            yield return new(Groups.Ec2, "their disks", $"ebs.{kind}", size.GetDecimal() * servers);
        }
        if (SecondRegion.Has(group))
        {
            // Of the first region they are counted once for all servers.
            yield return new(Groups.CloudWatch, VolumeUsages.OfServers, "logs.gb", servers * Assumptions.ServiceLogGb.Value);
            yield return new(Groups.Network, "through NAT gateways", "nat.gb", servers * Assumptions.NatGb.Value);
        }
        if (TemplateReader.IsTrue(template, "LaunchTemplateData", "Monitoring", "Enabled"))
            yield return new(
                Groups.CloudWatch,
                "metrics of servers, by the minute",
                "cloudwatch.metric",
                Assumptions.DetailedMetrics.Value * servers
            );
    }

    private static decimal ServersIn(TemplateReader reader, Resource group)
    {
        var (min, max) = (TemplateReader.Number(group, 0, "MinSize"), TemplateReader.Number(group, 0, "MaxSize"));
        // A second region waits: members come to the first.
        if (!IsScaled(reader, group) || SecondRegion.Has(group))
            return TemplateReader.Number(group, min, "DesiredCapacity");
        var others = reader.Templates.OfType(group.Type).Count(one => IsScaled(reader, one) && !SecondRegion.Has(one));
        TemplateReader.Refuse(group, others > 1, "a second group that scales: which one are the API servers?");
        if (reader.Sizing.ServersAreGiven && reader.Sizing.ApiServers < min)
            throw new LocalException($"--servers {reader.Sizing.ApiServers}: the template has at least {min:0}.");
        if (reader.Sizing.ApiServers > max)
            reader.Tell(
                $"{reader.Sizing.ApiServers} API servers are more than the template's {max:0}: they are billed, but the template must change first."
            );
        return Math.Max(min, reader.Sizing.ApiServers);
    }

    private static bool IsScaled(TemplateReader reader, Resource group) =>
        reader
            .Templates.OfType("AWS::AutoScaling::ScalingPolicy")
            .Any(policy => reader.Templates.Find(policy.Stack, policy["AutoScalingGroupName"]) == group);

    private static string NameOf(Resource group) =>
        TemplateReader
            .Each(group, "Tags")
            .Where(tag => tag.GetProperty("Key").GetString() == "Name")
            .Select(tag => tag.GetProperty("Value").GetString()!)
            .FirstOrDefault(group.Id);

    private static IEnumerable<Usage> Function(TemplateReader reader, Resource function)
    {
        const decimal megabytesDefault = 128;
        var memory = TemplateReader.Number(function, megabytesDefault, "MemorySize");
        yield return new(Groups.Other, "runs of functions", "lambda.million-requests", Assumptions.FunctionRuns.Value / 1_000_000);
        yield return new(
            Groups.Other,
            "memory of functions",
            "lambda.gb-second",
            Assumptions.FunctionRuns.Value * Assumptions.FunctionSeconds.Value * memory / 1_024
        );
    }
}
