using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs.RabbitMq;
using Xunit;

namespace Sluice.Server.Tests.Jobs.RabbitMq;

public sealed class BrokerAddressTests
{
    [Theory]
    [InlineData("amqp://broker", "broker", 5672, "/", "guest", false)]
    [InlineData("amqp://broker/", "broker", 5672, "/", "guest", false)]
    [InlineData("amqp://me@broker:1234/video", "broker", 1234, "video", "me", false)]
    [InlineData("amqps://me@broker/%2Fa", "broker", 5671, "/a", "me", true)]
    [InlineData("amqp://m%40e@[::1]:5000/a%20b", "::1", 5000, "a b", "m@e", false)]
    public void Is_read_with_its_defaults(string text, string host, int port, string vhost, string user, bool secure)
    {
        BrokerAddress.TryParse(text, out var address).ShouldBeTrue();
        address.ShouldBe(new BrokerAddress(host, port, vhost, user, secure));
    }

    [Theory]
    [InlineData("http://broker")]
    [InlineData("amqp://")]
    [InlineData("broker:5672")]
    [InlineData("amqp://me:secret@broker")]
    [InlineData("amqp://broker/a/b")]
    [InlineData("amqp://broker/a?heartbeat=1")]
    [InlineData("")]
    public void Is_refused(string text) => BrokerAddress.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void The_password_comes_from_the_configuration_or_a_file()
    {
        BrokerAddress.TryParse("amqp://me@broker", out var address).ShouldBeTrue();
        address.PasswordOf(new QueueOptions { Password = "one" }).ShouldBe("one");
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "two\n");
            address.PasswordOf(new QueueOptions { PasswordFile = file }).ShouldBe("two");
        }
        finally
        {
            File.Delete(file);
        }

        Should.Throw<SetupException>(() => address.PasswordOf(new QueueOptions { PasswordFile = file })).Message.ShouldContain("cannot be read");
        Should.Throw<SetupException>(() => address.PasswordOf(new QueueOptions())).Message.ShouldContain("is missing");
    }
}
