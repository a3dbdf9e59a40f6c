import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.security.MessageDigest;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.Properties;
import java.util.Timer;
import java.util.TimerTask;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.largeobject.LargeObject;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Uses pgjdbc's ways to speak with a server and prints what came of each, one line for a fact. */
public final class JdbcClient {
    private static final int COPY_LINES = 120_000;
    private static final byte[] LINE_END = "\tpgjdbc copies this line, and a good many more like it, in either direction ü\n".getBytes(
        java.nio.charset.StandardCharsets.UTF_8);

    /** Arguments: URL and user; properties follow as NAME=VALUE; the password is the environment's PGPASSWORD. */
    public static void main(String[] arguments) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("user", arguments[1]);
        properties.setProperty("password", System.getenv("PGPASSWORD"));
        properties.setProperty("prepareThreshold", "1");
        for (int i = 2; i < arguments.length; i++) {
            String[] pair = arguments[i].split("=", 2);
            properties.setProperty(pair[0], pair[1]);
        }
        try (Connection connection = DriverManager.getConnection(arguments[0], properties)) {
            say("server", connection.getMetaData().getDatabaseProductVersion());
            try (Statement statement = connection.createStatement()) {
                statement.execute("create temporary table t (id int primary key, name text, data bytea)");
            }
            named(connection);
            batch(connection);
            portals(connection);
            errors(connection);
            warnings(connection);
            largeObject(connection);
            copy(connection);
            notifications(connection);
            timeout(connection);
            cancel(connection);
            metadata(connection);
        }
    }

    private static void say(String what, Object value) {
        System.out.println(what + ": " + value);
    }

    private static void named(Connection connection) throws SQLException {
        String text = "ü😀".repeat(200_000);
        try (PreparedStatement insert = connection.prepareStatement("insert into t values (?, ?, ?)");
            PreparedStatement select = connection.prepareStatement("select ?::int + 1, ?::text, now() > ?")) {
            for (int i = 0; i < 50; i++) {
                insert.setInt(1, i);
                insert.setString(2, i % 7 == 0 ? null : "name " + i);
                insert.setBytes(3, new byte[i * 100]);
                say("inserted", insert.executeUpdate());
                select.setInt(1, i);
                select.setString(2, i == 49 ? text : "short");
                select.setTimestamp(3, new java.sql.Timestamp(0));
                try (ResultSet rows = select.executeQuery()) {
                    rows.next();
                    say("selected", rows.getInt(1) + " " + rows.getString(2).length() + " " + rows.getBoolean(3));
                }
            }
        }
        try (Statement statement = connection.createStatement();
            ResultSet rows = statement.executeQuery(
                "select name, statement from pg_prepared_statements where statement like '%t values%' order by 1")) {
            while (rows.next()) say("prepared", rows.getString(1) + " " + rows.getString(2));
        }
    }

    private static void batch(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement insert = connection.prepareStatement("insert into t values (?, ?)")) {
            for (int i = 1000; i < 4000; i++) {
                insert.setInt(1, i);
                insert.setString(2, "b".repeat(i % 200));
                insert.addBatch();
            }
            int sum = 0;
            for (int count : insert.executeBatch()) sum += count;
            say("batch", sum);
            connection.commit();
            for (int id : new int[] {5000, 5001, 1000, 5002}) {
                insert.setInt(1, id);
                insert.setString(2, "again");
                insert.addBatch();
            }
            insert.executeBatch();
        } catch (BatchUpdateException error) {
            say("batch counts", java.util.Arrays.toString(error.getUpdateCounts()));
            describe("batch", (PSQLException) error.getNextException());
        }
        connection.rollback();
        try (Statement statement = connection.createStatement()) {
            statement.addBatch("update t set name = 'x' where id < 10");
            statement.addBatch("delete from t where id >= 2000");
            say("mixed batch", java.util.Arrays.toString(statement.executeBatch()));
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    private static void portals(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement select = connection.prepareStatement("select n, repeat('r', n % 500) from generate_series(1, ?) n");
            Statement other = connection.createStatement()) {
            select.setFetchSize(97);
            select.setInt(1, 5000);
            long sum = 0;
            long length = 0;
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    sum += rows.getInt(1);
                    length += rows.getString(2).length();
                    // Another statement between two portions of the portal.
                    if (sum % 1000 == 0) other.execute("select 1");
                }
            }
            say("portal", sum + " " + length);
            try (PreparedStatement failing = connection.prepareStatement("select 1 / (150 - n) from generate_series(1, 300) n")) {
                failing.setFetchSize(100);
                int seen = 0;
                try (ResultSet rows = failing.executeQuery()) {
                    while (rows.next()) seen++;
                } catch (PSQLException error) {
                    describe("portal after " + seen, error);
                }
            }
        }
        connection.rollback();
        connection.setAutoCommit(true);
    }

    private static void errors(Connection connection) throws SQLException {
        String[] statements = {
            "select 1 +", "select 'ü😀', nothing", "select 1 / 0", "insert into t values (1000)", "select 'x'::int",
            "do $$ begin execute 'selec 1'; end $$",
            "do $$ begin raise exception 'mine' using errcode = 'ZZ999', detail = 'd', hint = 'h', column = 'c', "
                + "constraint = 'k', datatype = 'y', table = 't', schema = 's'; end $$",
        };
        for (String mode : new String[] {"extended", "simple"}) {
            for (String sql : statements) {
                try (Statement statement = connection.createStatement()) {
                    // Two statements at once: the second never runs.
                    statement.execute(mode.equals("simple") ? sql + "; select 2" : sql);
                    say("no error", sql);
                } catch (PSQLException error) {
                    describe(mode, error);
                }
            }
        }
    }

    private static void describe(String what, PSQLException error) {
        ServerErrorMessage m = error.getServerErrorMessage();
        if (m == null) {
            say(what + " error", error.getSQLState() + " " + error.getMessage());
            return;
        }
        String schema = m.getSchema() == null ? null : m.getSchema().replaceAll("^pg_temp_\\d+$", "pg_temp");
        say(what + " error", java.util.Arrays.asList(m.getSeverity(), m.getSQLState(), m.getMessage(), m.getDetail(),
            m.getHint(), m.getPosition(), m.getInternalPosition(), m.getInternalQuery(), m.getWhere(), schema,
            m.getTable(), m.getColumn(), m.getDatatype(), m.getConstraint(), m.getFile(), m.getLine(), m.getRoutine()));
    }

    private static void warnings(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("do $$ begin for i in 1..2000 loop raise notice 'n %', i; end loop; end $$");
            int count = 0;
            SQLWarning last = null;
            for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
                count++;
                last = w;
            }
            say("warnings", count + " " + last.getMessage() + " " + last.getSQLState());
        }
    }

    private static void largeObject(Connection connection) throws Exception {
        connection.setAutoCommit(false);
        var api = connection.unwrap(PGConnection.class).getLargeObjectAPI();
        byte[] content = new byte[1_500_000];
        for (int i = 0; i < content.length; i++) content[i] = (byte) (i * 31);
        long oid = api.createLO();
        LargeObject object = api.open(oid);
        object.write(content);
        object.seek(0);
        say("large object", java.util.Arrays.equals(object.read(content.length + 1), content) + " " + object.size());
        object.seek64(5_000_000_000L, LargeObject.SEEK_SET);
        object.write(new byte[] {1});
        say("large object far", object.tell64() + " " + object.size64());
        object.truncate(10);
        say("large object cut", object.size64());
        object.close();
        api.delete(oid);
        try {
            api.open(oid);
        } catch (PSQLException error) {
            say("large object gone", error.getSQLState() + " " + error.getMessage().replace("" + oid, "N"));
        }
        connection.rollback();
        connection.setAutoCommit(true);
    }

    /** Numbered lines without end in memory: made while they are read. */
    private static final class Lines extends InputStream {
        private final MessageDigest digest;
        private int number;
        private InputStream current = new ByteArrayInputStream(new byte[0]);

        Lines(MessageDigest digest) {
            this.digest = digest;
        }

        @Override public int read() {
            throw new UnsupportedOperationException();
        }

        @Override public int read(byte[] buffer, int offset, int length) throws java.io.IOException {
            int count = current.read(buffer, offset, length);
            if (count > 0) return count;
            if (number == COPY_LINES) return -1;
            ByteArrayOutputStream piece = new ByteArrayOutputStream();
            for (int i = 0; i < 1000; i++) {
                piece.write(Integer.toString(number++).getBytes());
                piece.write(LINE_END);
            }
            digest.update(piece.toByteArray());
            current = new ByteArrayInputStream(piece.toByteArray());
            return current.read(buffer, offset, length);
        }
    }

    private static void copy(Connection connection) throws Exception {
        CopyManager manager = connection.unwrap(PGConnection.class).getCopyAPI();
        try (Statement statement = connection.createStatement()) {
            statement.execute("create temporary table c (n int, t text)");
        }
        MessageDigest in = MessageDigest.getInstance("SHA-256");
        say("copy in", manager.copyIn("copy c from stdin", new Lines(in)));
        MessageDigest out = MessageDigest.getInstance("SHA-256");
        long[] bytes = {0};
        long rows = manager.copyOut("copy c to stdout", new java.io.OutputStream() {
            @Override public void write(int one) {
                out.update((byte) one);
                bytes[0]++;
            }

            @Override public void write(byte[] data, int offset, int length) {
                out.update(data, offset, length);
                bytes[0] += length;
            }
        });
        byte[] written = in.digest();
        say("copy out", rows + " " + bytes[0] + " " + HexFormat.of().formatHex(written));
        say("copy equal", MessageDigest.isEqual(written, out.digest()));
        try {
            manager.copyIn("copy c from stdin", new ByteArrayInputStream("1\ta\nx\tb\n".getBytes()));
        } catch (PSQLException error) {
            describe("copy", error);
        }
        var half = manager.copyIn("copy c from stdin");
        half.writeToCopy("1\ta\n".getBytes(), 0, 4);
        half.cancelCopy();
        try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery("select count(*) from c")) {
            row.next();
            say("copy count", row.getLong(1));
        }
    }

    private static void notifications(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("listen jdbc_news");
            statement.execute("select pg_notify('jdbc_news', n::text) from generate_series(1, 100) n");
        }
        int heard = 0;
        var session = connection.unwrap(PGConnection.class);
        for (int i = 0; i < 100 && heard < 100; i++) {
            var some = session.getNotifications(1000);
            if (some != null) heard += some.length;
        }
        say("notifications", heard);
    }

    private static void timeout(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            statement.execute("select pg_sleep(30)");
        } catch (PSQLException error) {
            describe("timeout", error);
        }
    }

    private static void cancel(Connection connection) throws SQLException {
        Timer timer = new Timer(true);
        try (Statement statement = connection.createStatement()) {
            // A cancel that comes before the statement does nothing, so it is sent again until the statement ends.
            timer.schedule(new TimerTask() {
                @Override public void run() {
                    try {
                        statement.cancel();
                    } catch (SQLException error) {
                        say("cancel failed", error.getMessage());
                    }
                }
            }, 100, 100);
            statement.execute("select pg_sleep(30)");
        } catch (PSQLException error) {
            describe("cancel", error);
        } finally {
            timer.cancel();
        }
    }

    private static void metadata(Connection connection) throws SQLException {
        try (ResultSet columns = connection.getMetaData().getColumns(null, "information_schema", "tables", null)) {
            while (columns.next()) say("column", columns.getString("COLUMN_NAME") + " " + columns.getString("TYPE_NAME"));
        }
    }
}
