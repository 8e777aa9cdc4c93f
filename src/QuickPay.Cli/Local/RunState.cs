using System.Text.Json;
using System.Text.Json.Serialization;

namespace QuickPay.Cli.Local;

/// <summary>One running process as `state.json` and `status` name it.</summary>
/// <param name="Name">Unique: `postgres`, `redis`, `api-1`, `worker`, `edge-1`.</param>
/// <param name="Role">`postgres`, `redis`, `api`, `worker`, `edge`.</param>
/// <param name="Zone">`a`, `b` or `c`.</param>
/// <param name="Address">`127.0.0.1:5433` or a URL.</param>
/// <param name="HealthUrl">Where a host answers `/health/ready`: the edge does not on the address that members use.</param>
/// <param name="Identity">Which process exactly.</param>
public sealed record RunningProcess(string Name, string Role, string Zone, string Address, string HealthUrl, ProcessIdentity Identity);

/// <summary>What runs in a data folder, and the ports it likes to have again. Outlives the processes: pids in it must be checked.</summary>
public sealed record RunState
{
    /// <summary>The command that started everything; null when it ended in order.</summary>
    public ProcessIdentity? Owner { get; init; }

    public int? PostgresPort { get; init; }

    public int? RedisPort { get; init; }

    /// <summary>The first API server.</summary>
    public string? ApiUrl { get; init; }

    /// <summary>Where members come in; null in a stack without an edge.</summary>
    public string? EdgeUrl { get; init; }

    public IReadOnlyList<RunningProcess> Processes { get; init; } = [];

    [JsonIgnore]
    public bool IsRunning => Owner is { IsAlive: true };

    /// <summary>The state of a folder, empty when there is none.</summary>
    public static RunState Read(DataFolder data)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(data.StateFile), StateJson.Default.RunState) ?? new RunState();
        }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return new RunState();
        }
    }

    internal void Write(DataFolder data) => PrivateFile.Write(data.StateFile, JsonSerializer.Serialize(this, StateJson.Default.RunState));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(RunState))]
internal sealed partial class StateJson : JsonSerializerContext;
