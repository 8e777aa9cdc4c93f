using Npgsql;
using QuickPay.Postgres;

namespace QuickPay.Cli.Local;

/// <summary>What <see cref="LocalServers.StartAsync"/> shall start.</summary>
public sealed record LocalServersOptions
{
    /// <summary>Data, keys and settings; found again by the next start. Never two at once in one folder.</summary>
    public required DataFolder Data { get; init; }

    /// <summary>Begin with nothing.</summary>
    public bool Fresh { get; init; }

    /// <summary>False: without fsync, for tests that cut no power. Everything else stays the same.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>In PostgreSQL's notation. What is not used takes no memory.</summary>
    public string SharedBuffers { get; init; } = QuarterOfMemory();

    /// <summary>Remove the folder with everything in it at the end.</summary>
    public bool DeleteAtEnd { get; init; }

    /// <summary>Where progress goes, a sentence each.</summary>
    public Action<string> Say { get; init; } = _ => { };

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>A last check when the folder is ours and leftovers are gone, before anything starts.</summary>
    internal Action OnceAlone { get; init; } = () => { };

    /// <summary>Ports of the servers that will be started on top of these.</summary>
    internal IReadOnlyCollection<int> PromisedPorts { get; init; } = [];

    /// <summary>The share that PostgreSQL's manual advises, from 128 MB to 4 GB: ten million balances fit into the latter.</summary>
    private static string QuarterOfMemory() => $"{Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 22, 128, 4096)}MB";
}

/// <summary>
/// A private PostgreSQL and Redis with roles and passwords, running until disposed.
/// <code>
/// await using var servers = await LocalServers.StartAsync(new() { Data = DataFolder.Temporary("trial"), DeleteAtEnd = true }, ct);
/// await servers.CreateMigratedDatabaseAsync("quickpay", ct);
/// await using var ledger = NpgsqlDataSource.Create(servers.Postgres.Connection(PostgresRoles.Api).ConnectionString);
/// </code>
/// </summary>
public sealed class LocalServers : IAsyncDisposable
{
    private const int PortAttempts = 3;
    private readonly LocalServersOptions _options;
    private readonly Certificates _certificates;
    private readonly RunStateKeeper _state;

    private LocalServers(
        LocalServersOptions options,
        FolderLock folderLock,
        Secrets secrets,
        Certificates certificates,
        PostgresServer postgres,
        RedisServer redis
    )
    {
        (_options, Secrets, Postgres, Redis) = (options, secrets, postgres, redis);
        _certificates = certificates;
        _state = new RunStateKeeper(options.Data, folderLock, new RunState { PostgresPort = postgres.Port, RedisPort = redis.Port });
    }

    /// <summary>Where all of it is.</summary>
    public DataFolder Data => _options.Data;

    /// <summary>The database.</summary>
    public PostgresServer Postgres { get; }

    /// <summary>Sessions and limits.</summary>
    public RedisServer Redis { get; }

    /// <summary>EC P-256 private key (PKCS#8 PEM) that signs access tokens.</summary>
    public string TokenSigningKeyFile => Secrets.TokenSigningKeyFile;

    /// <summary>64 random bytes as base64: 32 encrypt the data keys, 32 key the index, the remembered PINs and the pepper.</summary>
    public string PersonalDataKeyFile => Secrets.PersonalDataKeyFile;

    internal Secrets Secrets { get; }

    /// <summary>Starts both and returns when they answer. Cancelled half-way, it stops what it had started.</summary>
    /// <exception cref="LocalException">A package is missing, the folder is in use or cannot be used.</exception>
    /// <exception cref="StartFailedException">A server ended at its start.</exception>
    public static async Task<LocalServers> StartAsync(LocalServersOptions options, CancellationToken cancellationToken)
    {
        var data = options.Data;
        data.Create();
        var folderLock = FolderLock.Take(data);
        LocalServers? servers = null;
        try
        {
            await FolderLock.StopOrphansAsync(data, options.Say, options.Clock, cancellationToken).ConfigureAwait(false);
            options.OnceAlone();
            if (options.Fresh)
            {
                data.Empty();
                data.Create();
            }
            data.RequireTopology(multiAz: false);
            for (var attempt = 1; ; attempt++)
            {
                servers = await PrepareAsync(options, folderLock, cancellationToken).ConfigureAwait(false);
                try
                {
                    await servers.StartBothAsync(cancellationToken).ConfigureAwait(false);
                    break;
                }
                catch (PortTakenException) when (attempt < PortAttempts)
                {
                    // Between our look and its start somebody took the port: others will do as well.
                    await servers.StopBothAsync().ConfigureAwait(false);
                }
            }
            await servers.Postgres.CreateRolesAsync(cancellationToken).ConfigureAwait(false);
            return servers;
        }
        catch
        {
            if (servers is not null)
                await servers.DisposeAsync().ConfigureAwait(false);
            else
                folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Makes the database if there is none yet, and brings its schema up to date.</summary>
    public Task CreateMigratedDatabaseAsync(string name, CancellationToken cancellationToken) =>
        PostgresDatabases.CreateMigratedAsync(
            Postgres.SuperuserConnectionString(),
            Postgres.Connection(PostgresRoles.Migrator, name).ConnectionString,
            name,
            cancellationToken
        );

    /// <summary>The settings of a host that uses these servers.</summary>
    /// <param name="role">The database role: <see cref="PostgresRoles.Api"/> or <see cref="PostgresRoles.Worker"/>.</param>
    /// <param name="database">Its database.</param>
    /// <param name="url">Where it serves members, or where a worker shows its health.</param>
    /// <param name="internalUrl">Where it is looked after from: nothing for members.</param>
    public HostSettingsFile SettingsFor(string role, string database, string url, string internalUrl) =>
        new(
            Postgres.Connection(role, database) with
            {
                Replicas = role == PostgresRoles.Worker ? null : ReplicaSettings.None(Secrets),
            },
            // A worker logs nobody in and reads nobody's name: it gets no way to do so.
            Redis.Connection(role == PostgresRoles.Worker ? RedisUsers.Worker : RedisUsers.Api),
            role == PostgresRoles.Worker
                ? null
                : new TokenSettings(TokenSigningKeyFile, TokenSettings.LocalIssuer, TokenSettings.LocalAudience),
            role == PostgresRoles.Worker ? null : new PersonalDataSettings(PersonalDataKeyFile),
            role == PostgresRoles.Worker ? null : new ApiSettings(DevelopmentDeposits: true),
            url,
            internalUrl
        )
        {
            Rates = role == PostgresRoles.Worker ? RateSettings.Sample() : null,
        };

    /// <summary>The settings of an edge in front of these servers' API; makes its certificate.</summary>
    /// <param name="name">`edge-1`.</param>
    /// <param name="https">Its port for members, on 127.0.0.1 and, where there is one, ::1.</param>
    /// <param name="redirect">Its port for those who come without TLS; null: none.</param>
    /// <param name="internal">Its port for us.</param>
    internal EdgeSettingsFile EdgeSettings(string name, int https, int? redirect, int @internal)
    {
        var (certificate, key) = (Path.Combine(Data.Tls, $"{name}.crt"), Path.Combine(Data.Tls, $"{name}.key"));
        _certificates.Issue("QuickPay edge", certificate, key, reader: null);
        return new EdgeSettingsFile(
            new EdgeListenSettings(
                OnLoopback(https),
                redirect is { } port ? OnLoopback(port) : "",
                https,
                $"127.0.0.1:{@internal}",
                certificate,
                key
            ),
            new EdgeBalancingSettings(Data.ServersFile),
            new EdgeTokenSettings(TokenSettings.LocalIssuer, TokenSettings.LocalAudience, Secrets.TokenPublicKeyFile),
            Redis.Connection(RedisUsers.Edge),
            new EdgeRateLimitSettings(Secrets.RateLimitKeyFile),
            $"https://localhost:{https}"
        );

        static string OnLoopback(int port) => Ports.HasIPv6 ? $"127.0.0.1:{port},[::1]:{port}" : $"127.0.0.1:{port}";
    }

    /// <summary>Redis down first, PostgreSQL last.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopBothAsync().ConfigureAwait(false);
        if (_options.DeleteAtEnd)
            Data.Delete();
        _state.Release(ended: !_options.DeleteAtEnd);
    }

    /// <inheritdoc cref="RunStateKeeper.Note(ILocalServer)" />
    internal void Note(ILocalServer server) => _state.Note(server);

    /// <inheritdoc cref="RunStateKeeper.Update" />
    internal void Update(Func<RunState, RunState> change) => _state.Update(change);

    private static async Task<LocalServers> PrepareAsync(
        LocalServersOptions options,
        FolderLock folderLock,
        CancellationToken cancellationToken
    )
    {
        var data = options.Data;
        var postgresUser = OsUser.StepDownTo("postgres", "postgresql-15");
        var redisUser = OsUser.StepDownTo("redis", "redis-server");
        OsUser[] users = [.. new[] { postgresUser, redisUser }.OfType<OsUser>()];
        await data.PlaceServersAsync(users, options.Say, cancellationToken).ConfigureAwait(false);

        var secrets = Secrets.LoadOrCreate(data.Secrets, [.. PostgresRoles.WithPassword, .. RedisUsers.All.Select(RedisUsers.SecretOf)]);
        var certificates = Certificates.LoadOrCreate(data.Tls, options.Clock);
        PrivateFile.WriteForAll(data.RootCertificate, File.ReadAllText(certificates.RootCertificateFile));
        var before = RunState.Read(data);
        var postgresPort = Ports.FreeFrom(before.PostgresPort, options.PromisedPorts);
        var redisPort = Ports.FreeFrom(before.RedisPort, [.. options.PromisedPorts, postgresPort]);

        var files = new PostgresFiles(data, postgresUser);
        var postgres = new PostgresServer(files, secrets, certificates.RootCertificateFile, postgresPort, options.Clock);
        var redis = new RedisServer(
            new RedisPlace("redis", "127.0.0.1", redisPort),
            data,
            secrets,
            certificates.RootCertificateFile,
            redisUser,
            options.Clock
        );
        redis.Prepare(certificates);
        options.Say("Preparing PostgreSQL and Redis");
        await files
            .PrepareAsync(certificates, new PostgresTuning(options.Durable, options.SharedBuffers), postgresPort, cancellationToken)
            .ConfigureAwait(false);
        return new LocalServers(options, folderLock, secrets, certificates, postgres, redis);
    }

    private async Task StopBothAsync()
    {
        await Redis.StopAsync().ConfigureAwait(false);
        await Postgres.StopAsync().ConfigureAwait(false);
    }

    private Task StartBothAsync(CancellationToken cancellationToken)
    {
        _options.Say("Starting PostgreSQL and Redis");
        return StartTogether.AllAsync([Postgres, Redis], Note, cancellationToken);
    }
}
