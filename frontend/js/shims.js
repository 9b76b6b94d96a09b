// What ECharts expects of any page and an engine without one does not have. Paper stands still:
// nothing that should happen later ever does.

const nothing = () => 0;

globalThis.setTimeout ??= nothing;
globalThis.clearTimeout ??= nothing;
globalThis.console ??= { log: nothing, info: nothing, warn: nothing, error: nothing };
