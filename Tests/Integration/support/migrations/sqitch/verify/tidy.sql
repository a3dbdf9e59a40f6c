select unwanted from public.orders where false;
