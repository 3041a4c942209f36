/**
 * The parts of Vega that the charts need, put together by hand: maps, forces, trees and word clouds stay out, and with
 * them a good part of the report's size.
 */
import { transforms } from 'vega-dataflow';
import * as encode from 'vega-encode';
import { expressionInterpreter } from 'vega-interpreter';
import { parse } from 'vega-parser';
import * as common from 'vega-transforms';
import { View } from 'vega-view';
import * as layout from 'vega-view-transforms';

Object.assign(transforms, common, layout, encode);

export { expressionInterpreter, parse, View };
