// What nearly every chart stands on, the same on the screen and on paper. Each part comes from its
// own file: through the package's lists, the kinds that are fetched later would come along.

import { install as BarChart } from "echarts/lib/chart/bar/install.js";
import { install as HeatmapChart } from "echarts/lib/chart/heatmap/install.js";
import { install as LineChart } from "echarts/lib/chart/line/install.js";
import { install as PieChart } from "echarts/lib/chart/pie/install.js";
import { install as ScatterChart } from "echarts/lib/chart/scatter/install.js";
import { install as AriaComponent } from "echarts/lib/component/aria/install.js";
import { install as DatasetComponent } from "echarts/lib/component/dataset/install.js";
import { install as DataZoomComponent } from "echarts/lib/component/dataZoom/install.js";
import { install as GridComponent } from "echarts/lib/component/grid/install.js";
import { install as LegendComponent } from "echarts/lib/component/legend/install.js";
import { install as MarkAreaComponent } from "echarts/lib/component/marker/installMarkArea.js";
import { install as MarkLineComponent } from "echarts/lib/component/marker/installMarkLine.js";
import { install as TitleComponent } from "echarts/lib/component/title/install.js";
import { install as TooltipComponent } from "echarts/lib/component/tooltip/install.js";
import { install as VisualMapComponent } from "echarts/lib/component/visualMap/install.js";

/** The series among them, by the names that options use. */
export const CORE_SERIES = new Set(["bar", "heatmap", "line", "pie", "scatter"]);

export const CORE_PARTS = [
  BarChart, HeatmapChart, LineChart, PieChart, ScatterChart,
  AriaComponent, DatasetComponent, DataZoomComponent, GridComponent, LegendComponent,
  MarkAreaComponent, MarkLineComponent, TitleComponent, TooltipComponent, VisualMapComponent,
];
