#!/usr/bin/env node
import "../node/install.ts";
import { main } from "./main.ts";

await main(process.argv);
