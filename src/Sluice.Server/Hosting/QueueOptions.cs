namespace Sluice.Server.Hosting;

/// <summary>Section <c>queue</c>: the broker between several machines. In force when <see cref="Url"/> is given.</summary>
internal sealed class QueueOptions
{
    /// <summary>Address of a RabbitMQ broker, <c>amqp://user@host/vhost</c>; null announces work within this process. Default null.</summary>
    public string? Url { get; set; }

    /// <summary>Password of the user. Default null.</summary>
    public string? Password { get; set; }

    /// <summary>File whose text is the password. Default null.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>Stands before the names of the queues. Default <c>sluice</c>; installations that share a virtual host must not share it.</summary>
    public string Prefix { get; set; } = "sluice";
}
