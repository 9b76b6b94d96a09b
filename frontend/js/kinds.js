// The kinds of chart beyond the usual ones, and what they stand on. Each is imported from its own
// file: what comes through the package's lists ends up in the part that every page loads.

import { install as BoxplotChart } from "echarts/lib/chart/boxplot/install.js";
import { install as FunnelChart } from "echarts/lib/chart/funnel/install.js";
import { install as GaugeChart } from "echarts/lib/chart/gauge/install.js";
import { install as GraphChart } from "echarts/lib/chart/graph/install.js";
import { install as MapChart } from "echarts/lib/chart/map/install.js";
import { install as RadarChart } from "echarts/lib/chart/radar/install.js";
import { install as SankeyChart } from "echarts/lib/chart/sankey/install.js";
import { install as SunburstChart } from "echarts/lib/chart/sunburst/install.js";
import { install as TreemapChart } from "echarts/lib/chart/treemap/install.js";
import { install as CalendarComponent } from "echarts/lib/component/calendar/install.js";
import { install as GeoComponent } from "echarts/lib/component/geo/install.js";
import { install as RadarComponent } from "echarts/lib/component/radar/install.js";
import { installLabelLayout } from "echarts/lib/label/installLabelLayout.js";

export function install(echarts) {
  echarts.use([
    BoxplotChart, FunnelChart, GaugeChart, GraphChart, MapChart, RadarChart, SankeyChart, SunburstChart, TreemapChart,
    CalendarComponent, GeoComponent, RadarComponent, installLabelLayout,
  ]);
}
