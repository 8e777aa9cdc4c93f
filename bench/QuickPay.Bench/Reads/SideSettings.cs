using System.Text.Json.Nodes;
using QuickPay.Cli.Local;

namespace QuickPay.Bench.Reads;

/// <summary>What an API server was really told.</summary>
/// <param name="File">Its settings but for where it listens.</param>
/// <param name="Cache">What its environment says of caches.</param>
internal sealed record SideSettings(string File, string Cache)
{
    public static SideSettings Of(DataFolder data, HostServer server)
    {
        var file = JsonNode.Parse(System.IO.File.ReadAllText(Path.Combine(data.Settings, $"{server.Name}.json")))!.AsObject();
        file.Remove(nameof(HostSettingsFile.Urls));
        file.Remove(nameof(HostSettingsFile.InternalUrl));
        var cache = System
            .IO.File.ReadAllText($"/proc/{server.Process!.Pid}/environ")
            .Split('\0')
            .Where(variable => variable.StartsWith("Cache__", StringComparison.Ordinal));
        return new SideSettings(file.ToJsonString(), string.Join(' ', cache));
    }
}
