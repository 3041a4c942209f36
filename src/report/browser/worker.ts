/** The worker of a report: it simulates. */
import { answerOrders } from './worker-orders.ts';

answerOrders();
