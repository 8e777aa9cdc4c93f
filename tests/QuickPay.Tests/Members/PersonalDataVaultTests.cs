using System.Security.Cryptography;
using System.Text;
using QuickPay.Members;

namespace QuickPay.Tests.Members;

public sealed class PersonalDataVaultTests
{
    private static readonly Guid Kim = Guid.Parse("01980000-0000-7000-8000-000000000001");
    private static readonly Guid Lee = Guid.Parse("01980000-0000-7000-8000-000000000002");

    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(64);
    private readonly PersonalDataVault _vault;
    private readonly SealedPerson _stored;

    public PersonalDataVaultTests()
    {
        _vault = new PersonalDataVault(new PersonalDataKeys(_secret));
        _stored = _vault.Seal(Kim, new Person("+821012345678", "김민수"));
    }

    [Fact]
    public void What_was_sealed_opens()
    {
        var person = _vault.Open(Kim, _stored);
        Assert.Equal("+821012345678", person.Phone);
        Assert.Equal("김민수", person.Name);
    }

    [Fact]
    public void Nothing_stored_shows_what_it_holds_and_nothing_repeats()
    {
        var again = _vault.Seal(Kim, new Person("+821012345678", "김민수"));
        Assert.NotEqual(_stored.Phone, again.Phone);
        Assert.NotEqual(_stored.DataKey, again.DataKey);
        Assert.True(_stored.Phone.AsSpan().IndexOf(Encoding.UTF8.GetBytes("1234")) < 0);
        Assert.True(_stored.Name.AsSpan().IndexOf(Encoding.UTF8.GetBytes("김")) < 0);
    }

    [Fact]
    public void One_changed_bit_anywhere_is_noticed()
    {
        foreach (var field in new[] { _stored.DataKey, _stored.Phone, _stored.Name })
        {
            for (var i = 0; i < field.Length; i++)
            {
                field[i] ^= 0x10;
                Assert.ThrowsAny<CryptographicException>(() => _vault.Open(Kim, _stored));
                field[i] ^= 0x10;
            }
        }
        Assert.Equal("김민수", _vault.Open(Kim, _stored).Name);
    }

    [Fact]
    public void A_value_cannot_be_moved_to_another_member_or_field()
    {
        Assert.ThrowsAny<CryptographicException>(() => _vault.Open(Lee, _stored));
        Assert.ThrowsAny<CryptographicException>(() => _vault.Open(Kim, _stored with { Phone = _stored.Name, Name = _stored.Phone }));
        var lee = _vault.Seal(Lee, new Person("+821087654321", "이서연"));
        Assert.ThrowsAny<CryptographicException>(() => _vault.Open(Kim, _stored with { DataKey = lee.DataKey, Name = lee.Name }));
    }

    [Fact]
    public void Another_key_opens_nothing_and_says_so()
    {
        var other = new PersonalDataVault(new PersonalDataKeys(RandomNumberGenerator.GetBytes(64)));
        Assert.Contains(
            "not here",
            Assert.Throws<CryptographicException>(() => other.Open(Kim, _stored)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_phone_is_found_by_every_server_with_the_key_and_by_nobody_else()
    {
        Assert.Equal(new PersonalDataKeys(_secret).PhoneIndex("+821012345678"), new PersonalDataKeys(_secret).PhoneIndex("+821012345678"));
        var other = new PersonalDataKeys(RandomNumberGenerator.GetBytes(64));
        Assert.NotEqual(new PersonalDataKeys(_secret).PhoneIndex("+821012345678"), other.PhoneIndex("+821012345678"));
    }

    [Fact]
    public void Personal_data_has_no_text_form()
    {
        Assert.DoesNotContain("김민수", new Person("+821012345678", "김민수").ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", new NewMember("+821012345678", "김민수", "secret", "123456").ToString(), StringComparison.Ordinal);
    }
}
