namespace QuickPay.Cli.Local.Zones;

/// <summary>What <see cref="ZonedStack.StartAsync"/> shall start.</summary>
public sealed record ZonedStackOptions
{
    /// <summary>Data, keys and settings; found again by the next start. Never two at once in one folder.</summary>
    public required DataFolder Data { get; init; }

    /// <summary>Begin with nothing.</summary>
    public bool Fresh { get; init; }

    /// <summary>The edges' HTTPS port; plain HTTP is redirected 363 below it.</summary>
    public int Port { get; init; } = StackPorts.DefaultHttps;

    /// <summary>False: without fsync, for tests that cut no power.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Changes what edges are told: drills come from one address and want other limits.</summary>
    internal Func<EdgeSettingsFile, EdgeSettingsFile> EdgeSettings { get; init; } = settings => settings;

    /// <summary>Gives each PostgreSQL node a disk of its own of this size, in memory, so that it can be filled; takes root. Null: none.</summary>
    public int? DiskMegabytes { get; init; }

    /// <summary>Remove the folder with everything in it at the end.</summary>
    public bool DeleteAtEnd { get; init; }

    /// <summary>Where progress goes, a sentence each.</summary>
    public Action<string> Say { get; init; } = _ => { };

    /// <summary>The time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
