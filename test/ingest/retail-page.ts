/** A row as the Azure Retail Prices API gives it: the documented fields. Its prices are made up. */
export function retailRow(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const price = change.retailPrice ?? 19.5;
  return {
    currencyCode: 'EUR',
    tierMinimumUnits: 0.0,
    retailPrice: price,
    unitPrice: price,
    armRegionName: 'westeurope',
    location: 'EU West',
    effectiveStartDate: '2025-03-01T00:00:00Z',
    meterId: '0f0f0f0f-0000-4000-8000-000000000001',
    meterName: 'P10 LRS Disk',
    productId: 'DZH000000001',
    skuId: 'DZH000000001/0001',
    productName: 'Premium SSD Managed Disks',
    skuName: 'P10 LRS',
    serviceName: 'Storage',
    serviceId: 'DZH000000000',
    serviceFamily: 'Storage',
    unitOfMeasure: '1/Month',
    type: 'Consumption',
    isPrimaryMeterRegion: true,
    armSkuName: 'Premium_SSD_Managed_Disk_P10',
    ...change,
  };
}

export const LICENCE: Readonly<Record<string, unknown>> = {
  ...{
    meterId: 'm-licence',
    meterName: 'VM Replicated to Azure',
    productName: 'Azure Site Recovery',
    skuName: 'Azure',
  },
  ...{
    serviceName: 'Azure Site Recovery',
    serviceFamily: 'Management and Governance',
    armSkuName: '',
    retailPrice: 21,
  },
};

export const EGRESS: Readonly<Record<string, unknown>> = {
  ...{
    meterId: 'm-egress',
    meterName: 'Standard Data Transfer Out',
    productName: 'Rtn Preference: MGN',
    skuName: 'Standard',
  },
  ...{ serviceName: 'Bandwidth', serviceFamily: 'Networking', unitOfMeasure: '1 GB', armSkuName: '' },
};

export const COMPUTE: Readonly<Record<string, unknown>> = {
  ...{ meterId: 'm-d4s', meterName: 'D4s v5', productName: 'Virtual Machines Dsv5 Series', skuName: 'D4s v5' },
  ...{
    serviceName: 'Virtual Machines',
    serviceFamily: 'Compute',
    unitOfMeasure: '1 Hour',
    armSkuName: 'Standard_D4s_v5',
  },
};

/** One page of an answer. */
export function retailPage(rows: readonly unknown[], next: string | null = null): string {
  return JSON.stringify({
    BillingCurrency: 'EUR',
    CustomerEntityId: 'Default',
    CustomerEntityType: 'Retail',
    Items: rows,
    NextPageLink: next,
    Count: rows.length,
  });
}
