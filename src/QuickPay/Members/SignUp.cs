using Npgsql;
using NpgsqlTypes;
using QuickPay.Accounts;
using QuickPay.Money;
using QuickPay.Postgres;

namespace QuickPay.Members;

/// <summary>What a new member brings; checked by <see cref="SignUp.Check"/>. No text form: it holds secrets.</summary>
public sealed class NewMember(string phone, string name, string password, string pin)
{
    /// <summary>E.164.</summary>
    public string Phone { get; } = phone;

    /// <summary>Trimmed and composed.</summary>
    public string Name { get; } = name;

    /// <summary>8 to 128 characters.</summary>
    public string Password { get; } = password;

    /// <summary>6 digits.</summary>
    public string Pin { get; } = pin;
}

/// <summary>What a sign-up came to.</summary>
public enum SignUpOutcome
{
    /// <summary>There is a new member with a wallet.</summary>
    Joined,

    /// <summary>A member with this phone number exists.</summary>
    PhoneTaken,

    /// <summary>Too many sign-ups and logins at once on this server.</summary>
    Overloaded,

    /// <summary>
    /// Nobody knows. Trying again is safe: the number has one member at most, and once it is taken, a log-in tells, since its count is only
    /// believed when the standby has that and all before it.
    /// </summary>
    Unknown,
}

/// <summary>Makes a member and their wallet in won, in one transaction.</summary>
public sealed class SignUp
{
    private const string Insert = """
        INSERT INTO members (id, phone_index, data_key, phone, name, tier, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
        """;

    private readonly NpgsqlDataSource _dataSource;
    private readonly MemberDirectory _members;
    private readonly Credentials _credentials;
    private readonly SlowHashPool _pool;
    private readonly PersonalDataVault _vault;
    private readonly PersonalDataKeys _keys;
    private readonly TimeProvider _time;

    internal SignUp(
        NpgsqlDataSource dataSource,
        MemberDirectory members,
        Credentials credentials,
        SlowHashPool pool,
        PersonalDataVault vault,
        PersonalDataKeys keys,
        TimeProvider time
    )
    {
        _dataSource = dataSource;
        _members = members;
        _credentials = credentials;
        _pool = pool;
        _vault = vault;
        _keys = keys;
        _time = time;
    }

    /// <summary>Checks what was sent; null, and every error by field, when it cannot be a member.</summary>
    public static NewMember? Check(string? phone, string? name, string? password, string? pin, IDictionary<string, string[]> errors)
    {
        if (!PhoneNumber.TryNormalise(phone, out var e164))
        {
            errors["phone"] = ["Must be a phone number, international (+82…) or Korean."];
        }

        if (!MemberName.TryNormalise(name, out var cleanName))
        {
            errors["name"] = [$"Must have 1 to {MemberName.LengthMax} characters and no control characters."];
        }

        if (password is not { Length: >= Passwords.LengthMin and <= Passwords.LengthMax })
        {
            errors["password"] = [$"Must have {Passwords.LengthMin} to {Passwords.LengthMax} characters."];
        }

        if (!Pins.IsWellFormed(pin))
        {
            errors["pin"] = [$"Must be {Pins.Length} digits."];
        }

        return errors.Count == 0 ? new NewMember(e164, cleanName, password!, pin!) : null;
    }

    /// <summary>Joins. The phone number's uniqueness is decided by the database, however many try it at once.</summary>
    public async Task<(SignUpOutcome Outcome, MemberProfile? Member)> JoinAsync(NewMember joining, CancellationToken cancellationToken)
    {
        // A taken number would be found by the insert as well; asking first saves the two slow hashes.
        if (await _members.FindByPhoneAsync(joining.Phone, cancellationToken) is not null)
        {
            return (SignUpOutcome.PhoneTaken, null);
        }

        var now = _time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        string password;
        string pin;
        using (var worker = await _pool.EnterAsync(cancellationToken))
        {
            if (worker is null)
            {
                return (SignUpOutcome.Overloaded, null);
            }

            password = await _credentials.HashAsync(id, CredentialKind.Password, joining.Password);
            pin = await _credentials.HashAsync(id, CredentialKind.Pin, joining.Pin);
        }

        var person = new Person(joining.Phone, joining.Name);
        try
        {
            await using var connection = await _dataSource.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await InsertAsync(connection, transaction, id, person, now, cancellationToken);
            await Credentials.AddAsync(connection, transaction, id, CredentialKind.Password, password, cancellationToken);
            await Credentials.AddAsync(connection, transaction, id, CredentialKind.Pin, pin, cancellationToken);
            await AccountOpening.OpenWalletAsync(connection, transaction, id, Tier.Unverified, Currency.KRW, now, cancellationToken);
            await Commits.CommitAsync(transaction);
        }
        catch (CommitUnknownException)
        {
            return (SignUpOutcome.Unknown, null);
        }
        catch (PostgresException e) when (e is { SqlState: PgErrors.UniqueViolation, ConstraintName: "members_phone_index_key" })
        {
            return (SignUpOutcome.PhoneTaken, null);
        }

        return (SignUpOutcome.Joined, new MemberProfile(id, person, Tier.Unverified));
    }

    private async Task InsertAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        Guid id,
        Person person,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var stored = _vault.Seal(id, person);
        await using var command = new NpgsqlCommand(Insert, connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = _keys.PhoneIndex(person.Phone) });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = stored.DataKey });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = stored.Phone });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = stored.Name });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)Tier.Unverified });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
