/**
 * Measures each request at each server, repeatedly and in turn, so that disturbances of the machine affect all alike.
 */
import { measure, type Run } from "./measure.ts";
import type { Options } from "./options.ts";
import type { ScenarioName } from "./scenarios.ts";
import {
  chosenScenarios,
  isOnPostgres,
  type ServerName,
  type Servers,
  serversFor,
} from "./servers.ts";

export interface Measurement extends Run {
  scenario: ScenarioName;
  server: ServerName;
}

export async function measureRequests(servers: Servers, options: Options): Promise<Measurement[]> {
  const { runs, seconds, connections } = options;
  const measurements: Measurement[] = [];
  const scenarios = chosenScenarios(options);
  for (let run = 0; run <= runs && scenarios.length > 0; run += 1) {
    const is_warm_up = run === 0;
    process.stderr.write(is_warm_up ? "warming up\n" : `run ${run} of ${runs}\n`);
    for (const scenario of scenarios)
      for (const name of serversFor(scenario, options)) {
        const measured = await measure({
          scenario: scenario.name,
          server: servers.of(name),
          load: servers.load,
          seconds: is_warm_up ? seconds / 2 : seconds,
          connections,
          awake: !isOnPostgres(name),
        });
        if (measured && !is_warm_up)
          measurements.push({ scenario: scenario.name, server: name, ...measured });
      }
  }
  return measurements;
}
