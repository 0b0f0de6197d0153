/** Requests that the server makes itself. */
import { type Guard, guardsOf } from "./guard.ts";

export const outboundGuards: readonly Guard[] = [
  ...guardsOf("src/http/outbound.ts", ["src/http/outbound.test.ts"], {
    "the server asks by https only": [
      'url.protocol === "https:" || (url.protocol === "http:" && allow_private_fetch)',
      "true",
    ],
    "a host has one spelling, and one budget": ['if (url.hostname.endsWith("."))', "if (false)"],
    "the server sends no password that stands in a URL": [
      'if (url.username !== "" || url.password !== "")',
      "if (false)",
    ],
    "the server reaches public addresses only": ["if (wrong !== undefined)", "if (false)"],
    "one private address of a name is enough to refuse it": [
      "const isLoopback = allow_private_fetch && addresses.every(isLoopbackAddress);",
      "const isLoopback = allow_private_fetch && addresses.some(isLoopbackAddress);",
    ],
    "loopback is reached for development only": [
      "const isLoopback = allow_private_fetch && addresses.every(isLoopbackAddress);",
      "const isLoopback = addresses.every(isLoopbackAddress);",
    ],
    "http is for loopback addresses, however it was allowed": [
      'if (protocol === "http:" && !isLoopback)',
      "if (false)",
    ],
    "connected to is what was checked": ["    lookup: pinnedTo(addresses),\n", ""],
    "a connection serves one request": ["    agent: false,\n", ""],
    "no redirect is followed or taken for an answer": [
      "if (status >= 300 && status < 400 && status !== 304)",
      "if (false)",
    ],
    "an answer is as large as it comes": [
      'if ((header("content-encoding") ?? "identity") !== "identity")',
      "if (false)",
    ],
    "an answer is bounded": ["if (size > most)", "if (false)"],
    "the headers of an answer are bounded": [
      "    maxHeaderSize: MOST_HEADER_BYTES,\n",
      "    maxHeaderSize: 1_000_000,\n",
    ],
    "an answer takes no longer than it may": ["    signal,\n", ""],
    "a name server takes no longer than it may": [
      "await until(signal, addressesOf(url, lookup))",
      "await addressesOf(url, lookup)",
    ],
    "localhost is this computer": [
      'if (/(?:^|\\.)localhost$/.test(hostname)) return ["127.0.0.1", "::1"];',
      "",
    ],
  }),
  ...guardsOf(
    "src/http/outbound_bounds.ts",
    ["src/http/outbound.test.ts", "test/security/outbound_reserves.test.ts"],
    {
      "requests to one origin, and in all, are bounded": [
        'if (!per_origin.take(origin, ms).allowed || !in_all.take("", ms).allowed)',
        "if (false)",
      ],
      "requests to all origins are bounded": [' || !in_all.take("", ms).allowed', ""],
      "requests at once are bounded": ["if (this.under_way >= at_once)", "if (false)"],
      "no purpose takes the requests of another": [
        "const reserve = reserves.get(purpose) ??",
        "const reserve = [...reserves.values()][0] ??",
      ],
    },
  ),
  ...guardsOf("src/http/public_address.ts", ["src/http/public_address.test.ts"], {
    "IPv4 in the clothes of IPv6 is not public": [
      "return globalIpv6.check(address, kind) && !specialIpv6.check(address, kind);",
      "return !specialIpv6.check(address, kind);",
    ],
    "of the public part of IPv6 some is special": [" && !specialIpv6.check(address, kind)", ""],
    "a text that is no address is not public": [
      "  return false;\n}\n\nexport",
      "  return true;\n}\n\nexport",
    ],
  }),
];
