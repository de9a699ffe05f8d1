namespace Sluice.Server.Tests.Store.S3;

/// <summary>
/// The program of a real S3 server on loopback: OpenStack Swift with s3api, all of its servers in one process. It is given a folder and a secret, and the
/// address at which it listens where that is another one, says <c>up</c> and the five digits of its port, and ends with its input. The bench starts it too.
/// </summary>
internal static class SwiftScript
{
    public const string Python = "/usr/bin/python3";

    /// <summary>Waits for what a busy machine does slowly are long: one that gives up would be a fault of the machine, not of ours.</summary>
    public const string Text = """
        import array, json, os, sys
        import eventlet
        eventlet.monkey_patch()
        from eventlet import patcher, wsgi
        from swift.common import utils, storage_policy
        from swift.common.ring import RingData
        from swift.common.wsgi import loadapp
        from swift.account.server import AccountController
        from swift.container.server import ContainerController
        from swift.obj.server import ObjectController

        folder, secret, *address = sys.argv[1:]
        utils.HASH_PATH_SUFFIX = utils.HASH_PATH_PREFIX = b"tests"
        utils.validate_hash_conf = lambda: None
        os.makedirs(os.path.join(folder, "disk"), exist_ok=True)

        def listen(at="127.0.0.1"):
            return eventlet.listen((at, 0))

        conf = {"devices": folder, "swift_dir": folder, "mount_check": "false", "fallocate_reserve": "0", "log_level": "ERROR",
                "conn_timeout": "60", "node_timeout": "120", "container_update_timeout": "120", "client_timeout": "120"}
        quiet = utils.NullLogger()
        for name, made in (("account", AccountController), ("container", ContainerController), ("object", ObjectController)):
            socket = listen()
            device = {"id": 0, "zone": 1, "region": 1, "device": "disk", "ip": "127.0.0.1", "port": socket.getsockname()[1], "weight": 1, "meta": "",
                      "replication_ip": "127.0.0.1", "replication_port": socket.getsockname()[1]}
            RingData([array.array("H", [0, 0])], [device], 31).save(os.path.join(folder, name + ".ring.gz"))
            eventlet.spawn(wsgi.server, socket, made(conf), quiet, log_output=False, debug=False)

        settings = os.path.join(folder, "proxy.conf")
        with open(settings, "w") as file:
            file.write(f'''
        [DEFAULT]
        swift_dir = {folder}
        log_level = ERROR
        client_timeout = 120

        [pipeline:main]
        pipeline = catch_errors proxy-logging s3api tempauth copy slo dlo symlink versioned_writes proxy-server

        [app:proxy-server]
        use = egg:swift#proxy
        account_autocreate = true
        allow_account_management = true
        conn_timeout = 60
        node_timeout = 120
        recoverable_node_timeout = 120

        [filter:s3api]
        use = egg:swift#s3api
        location = us-east-1

        [filter:tempauth]
        use = egg:swift#tempauth
        user_test_tester = {secret.replace(" ", "")} .admin

        [filter:catch_errors]
        use = egg:swift#catch_errors

        [filter:proxy-logging]
        use = egg:swift#proxy_logging

        [filter:copy]
        use = egg:swift#copy

        [filter:slo]
        use = egg:swift#slo

        [filter:dlo]
        use = egg:swift#dlo

        [filter:symlink]
        use = egg:swift#symlink

        [filter:versioned_writes]
        use = egg:swift#versioned_writes
        ''')
        socket = listen(*address)
        app = loadapp(settings)

        class Memory:
            # What memcached is to Swift: it keeps what it is told, as JSON.
            def __init__(self):
                self.kept = {}

            def set(self, key, value, *more, **named):
                self.kept[key] = json.dumps(value)

            def get(self, key, *more, **named):
                return json.loads(self.kept.get(key, "null"))

            def incr(self, key, delta=1, *more, **named):
                self.set(key, max(0, int(self.get(key) or 0) + int(delta)))
                return self.get(key)

            def decr(self, key, delta=1, *more, **named):
                return self.incr(key, -int(delta))

            def delete(self, key, *more, **named):
                self.kept.pop(key, None)

            def set_multi(self, mapping, *more, **named):
                for key, value in mapping.items():
                    self.set(key, value)

            def get_multi(self, keys, *more, **named):
                return [self.get(key) for key in keys]

        memory = Memory()

        def remembering(env, start):
            env["swift.cache"] = memory
            return app(env, start)

        # Whoever started this has gone when there is nothing to read any more.
        def watch():
            sys.stdin.read()
            os._exit(0)
        patcher.original("threading").Thread(target=watch, daemon=True).start()
        print("up %05d" % socket.getsockname()[1], flush=True)
        wsgi.server(socket, remembering, quiet, log_output=False, debug=False)
        """;
}
