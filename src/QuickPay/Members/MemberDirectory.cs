using Npgsql;
using QuickPay.Accounts;

namespace QuickPay.Members;

/// <summary>Where money sent to a phone number goes.</summary>
public readonly record struct Recipient(Guid AccountId, Guid MemberId);

/// <summary>A member as they see themselves. No text form: personal data must not slip into a log.</summary>
public sealed class MemberProfile(Guid id, Person person, Tier tier)
{
    /// <summary>The member.</summary>
    public Guid Id { get; } = id;

    /// <summary>E.164.</summary>
    public string Phone { get; } = person.Phone;

    /// <summary>As the member wrote it.</summary>
    public string Name { get; } = person.Name;

    /// <summary>How far their identity is verified; limits follow from it.</summary>
    public Tier Tier { get; } = tier;
}

/// <summary>Finds members and their wallets.</summary>
public sealed class MemberDirectory(NpgsqlDataSource dataSource, PersonalDataVault vault, PersonalDataKeys keys)
{
    private const string ByPhone = "SELECT id FROM members WHERE phone_index = $1";

    // A member's wallet is their oldest one.
    private const string WalletByPhone = """
        SELECT account.id, member.id
          FROM members member
          JOIN accounts account ON account.owner_id = member.id AND account.kind = 1
         WHERE member.phone_index = $1
         ORDER BY account.created_at, account.id
         LIMIT 1
        """;

    private const string Profile = "SELECT data_key, phone, name, tier FROM members WHERE id = $1";

    /// <summary>The wallet behind a phone number in any notation sign-up accepts; null when there is none.</summary>
    public async Task<Recipient?> FindWalletByPhoneAsync(string phone, CancellationToken cancellationToken)
    {
        if (!PhoneNumber.TryNormalise(phone, out var e164))
        {
            return null;
        }

        await using var command = dataSource.CreateCommand(WalletByPhone);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = keys.PhoneIndex(e164) });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken) ? new Recipient(rows.GetGuid(0), rows.GetGuid(1)) : null;
    }

    /// <summary>The member's own data; null when there is no such member.</summary>
    public async Task<MemberProfile?> FindAsync(Guid member, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Profile);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = member });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        if (!await rows.ReadAsync(cancellationToken))
        {
            return null;
        }

        var stored = new SealedPerson(rows.GetFieldValue<byte[]>(0), rows.GetFieldValue<byte[]>(1), rows.GetFieldValue<byte[]>(2));
        return new MemberProfile(member, vault.Open(member, stored), (Tier)rows.GetInt16(3));
    }

    /// <summary>A member's name as others may see it: 김*수. Null when there is no such member.</summary>
    public async Task<string?> FindMaskedNameAsync(Guid member, CancellationToken cancellationToken) =>
        await FindAsync(member, cancellationToken) is { } profile ? MemberName.Mask(profile.Name) : null;

    /// <summary>The member with this phone number in E.164 form.</summary>
    internal async Task<Guid?> FindByPhoneAsync(string e164, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(ByPhone);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = keys.PhoneIndex(e164) });
        return await command.ExecuteScalarAsync(cancellationToken) as Guid?;
    }
}
