import { it } from "vitest";
import { walkHotplug } from "../../src/kernels/hotplugWalk.ts";
const K=1024, M=K*K;
const host = { l1:{bytes:32*K,ways:8}, l2:{bytes:M,ways:16}, llc:{bytes:32*M,ways:16} };
it("w", () => {
  for (const selfHosted of [false,true]) {
    for (const o of [{method:"periodic",sampleClasses:true,materialise:false},{method:"full",sampleClasses:true,materialise:false}] as const) {
      const t0=performance.now();
      const r = walkHotplug({kernel:"6.12",blockPages:524288,nrBlocks:o.method==="full"?24:256,selfHosted,events:["add","online","offline","remove"],caches:host,...o});
      console.log(selfHosted,o.method,performance.now()-t0,"ms", r.map(p=>[p.event,p.touches,Array.from(p.counts.demand).reduce((a,b)=>a+b,0)].join(" ")).join(" | "));
    }
  }
  const a = { kernel:"6.12" as const,blockPages:32768,nrBlocks:40,selfHosted:true,events:["add","online","offline","remove"] as const,caches:{...host, llc:{bytes:4*M,ways:16}} };
  const run=(o:any)=>JSON.stringify(walkHotplug({...a,...o}).map(p=>({...p,counts:[[...p.counts.demand],[...p.counts.writeBacks]],stretches:p.stretches.map(s=>({...s,counts:[[...s.counts.demand],[...s.counts.writeBacks]]}))})));
  let t=performance.now(); const x=run({method:"full"}); console.log("full mat",performance.now()-t);
  t=performance.now(); const y=run({method:"full",sampleClasses:true,materialise:false}); console.log("sampled",performance.now()-t, x===y);
  t=performance.now(); const z=run({method:"periodic",sampleClasses:true,materialise:false}); console.log("periodic",performance.now()-t);
  const sx=JSON.parse(x), sz=JSON.parse(z); for (let i=0;i<4;i++){ const {stretches:_,...p}=sx[i], {stretches:__,...q}=sz[i]; console.log(p.event, JSON.stringify(p)===JSON.stringify(q)); if(JSON.stringify(p)!==JSON.stringify(q)) console.log(JSON.stringify(p),"\n",JSON.stringify(q)); }
});
