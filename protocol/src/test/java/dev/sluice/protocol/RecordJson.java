package dev.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** Compares a message with JSON by the names of its components, so that no two fields can have changed places unseen. */
final class RecordJson {
    private RecordJson() {
    }

    static void assertSame(final JsonNode json, final Message message) throws ReflectiveOperationException {
        switch (message) {
            case Shutdown shutdown -> assertEquals(json.isNull(), shutdown.explicitNull());
            case EmptyMessage empty -> assertTrue(json.isEmpty());
            case DataMessage data -> assertValue("data", json.get("data"), data.data());
            case InitResolved resolved -> compareFields(json.get("default_user"), resolved);
            case FsRequest request -> {
                final JsonNode op = json.get("op");
                compareFields(op.get(request.op().wireName()), request.op());
            }
            case FsResponse response -> compareResponse(json, response);
            case LegacyFsRequest request -> compareLegacy(json.get("op").get(request.op().wireName()), request);
            case LegacyFsResponse response -> {
                assertValue("ok", json.get("ok"), response.ok());
                assertValue("error", json.get("error"), response.error());
                assertValue("Stat", json.get("data").get("Stat"), response.stat());
                assertValue("List", json.get("data").get("List"), response.list());
            }
            default -> compareFields(json, message);
        }
    }

    private static void compareResponse(final JsonNode json, final FsResponse response) throws ReflectiveOperationException {
        assertValue("ok", json.get("ok"), response.ok());
        assertValue("error", json.get("error"), response.error());
        final JsonNode data = json.get("data");
        switch (response.data()) {
            case null -> assertTrue(data.isNull());
            case FsResponseData.Stat stat -> assertValue("Stat", data.get("Stat"), stat.entry());
            case FsResponseData.List list -> assertValue("List", data.get("List"), list.entries());
            case FsResponseData.Handle handle -> assertValue("Handle", data.get("Handle"), handle.handle());
            case FsResponseData.Path path -> assertValue("Path", data.get("Path"), path.path());
        }
    }

    private static void compareLegacy(final JsonNode json, final LegacyFsRequest request) throws ReflectiveOperationException {
        assertValue("path", json.get(request.op().hasDestination() ? "src" : "path"), request.path());
        assertValue("dst", json.get("dst"), request.destination());
        assertValue("mode", json.get("mode"), request.mode());
    }

    private static void compareFields(final JsonNode json, final Object value) throws ReflectiveOperationException {
        // What tells alternatives apart is the type of the record, and no component.
        int written = json.has("kind") && (value instanceof BlockRoot || value instanceof BlockRoot.Upper) ? 1 : 0;
        for (final RecordComponent component : value.getClass().getRecordComponents()) {
            final String name = component.getName().replace("interfaceName", "interface");
            final String key = name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
            assertValue(key, json.get(key), component.getAccessor().invoke(value));
            written += json.has(key) ? 1 : 0;
        }
        assertEquals(json.size(), written, "keys that no component stands for: " + json);
    }

    private static void assertValue(final String key, final JsonNode json, final Object value) throws ReflectiveOperationException {
        if (json == null || json.isNull()) {
            final boolean nothing = value == null || value.equals(0L) || value.equals(0) || value.equals(false) || value.equals("")
                || value instanceof Collection<?> list && list.isEmpty();
            assertTrue(nothing, () -> key + " is not there, but is " + value);
            return;
        }
        switch (value) {
            case ByteString bytes when json.has("$bytes") ->
                assertEquals(json.get("$bytes").asText(), HexFormat.of().formatHex(bytes.toByteArray()), key);
            case List<?> list -> {
                assertEquals(json.size(), list.size(), key);
                for (int i = 0; i < list.size(); i++) {
                    assertValue(key, json.get(i), list.get(i));
                }
            }
            case ByteString octets when json.isArray() -> {
                assertEquals(json.size(), octets.length(), key);
                for (int i = 0; i < octets.length(); i++) {
                    assertEquals(json.get(i).asInt(), octets.byteAt(i) & 0xFF, key);
                }
            }
            case Enum<?> constant -> assertEquals(json.asText(), constant.name().toLowerCase(Locale.ROOT), key);
            case Record nested -> compareFields(json, nested);
            default -> assertEquals(json.asText(), value.toString(), key);
        }
    }
}
